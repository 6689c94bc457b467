import { CommandHandler } from '@cairn/event-store';
import { streamName, type CommandMeta } from '@cairn/kernel';
import { newIdFor } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { dataset } from '../dataset/domain/decider.js';
import { datasetVersion } from './domain/decider.js';
import type { DatasetVersionEvent } from './domain/state.js';
import type { Measured } from './files/version-files.js';

type Registered = Extract<DatasetVersionEvent, { type: 'cairn.catalog.v1.DatasetVersionRegistered' }>['data'];

export interface NewVersion extends Pick<Registered, 'datasetId' | 'datasetName' | 'origin' | 'derivedFrom'> {
  readonly measured: Measured;
}

/** The dataset numbers the version and the version's own stream begins, in one append. */
@Injectable()
export class VersionRegistration {
  constructor(@Inject(CommandHandler) private readonly commands: CommandHandler) {}

  /** Id of the new version; a repeated command names the one that it made before. */
  async register({ measured, datasetId, datasetName, origin, derivedFrom }: NewVersion, meta: CommandMeta): Promise<string> {
    const versionId = newIdFor(meta, 'dataset-version');
    await this.commands.handle(
      dataset,
      { type: 'AddVersion', data: { datasetId, versionId }, meta },
      {
        id: datasetId,
        alongside: (events) =>
          events.flatMap((event) => {
            if (event.type !== 'cairn.catalog.v1.DatasetVersionAdded') return [];
            const data = { versionId, datasetId, datasetName, version: event.data.version, format: 'parquet', origin, derivedFrom, ...measured };
            const registered: DatasetVersionEvent = { type: 'cairn.catalog.v1.DatasetVersionRegistered', data };
            return [{ stream: streamName(datasetVersion.category, versionId), expected: 'none' as const, events: [registered] }];
          }),
      },
    );
    return versionId;
  }
}
