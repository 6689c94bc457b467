import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandHandler } from '@cairn/event-store';
import { newId, type CommandMeta } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE, SERVICE_CONFIG, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { inferenceLog } from '../domain/decider.js';
import { inferenceIdOf } from '../domain/prediction-id.js';
import type { LogOwner } from '../recorder/inference-recorder.js';
import type { LabelRows } from '../recorder/parquet-protocol.js';
import { ParquetWriter } from '../recorder/parquet-writer.js';

/** Stores late truths as files that an event vouches for. */
@Injectable()
export class LabelRecorder implements OnApplicationShutdown {
  private readonly files = new ParquetWriter();
  private readonly directory: string;

  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(SERVICE_CONFIG) { dataDir }: ServiceConfig,
  ) {
    this.directory = join(dataDir, 'serving', `labels-${newId()}`);
  }

  /** One file; the command's id makes a repetition append nothing. */
  async record(owner: LogOwner, batchId: string, rows: LabelRows, meta: CommandMeta): Promise<{ readonly digest: string; readonly position: bigint | undefined }> {
    const path = join(this.directory, `labels-${newId()}.parquet`);
    const rowCount = rows.predictionIds.length;
    const inferenceIds = inferenceIdRange(rows.predictionIds);
    await mkdir(this.directory, { recursive: true });
    try {
      await this.files.writeLabels(path, rows);
      const { digest } = await this.objects.putFile(path);
      const { deploymentId, deploymentName } = owner;
      const data = { deploymentId, deploymentName, batchId, digest, rowCount, ...inferenceIds };
      const { position } = await this.commands.handle(inferenceLog, { type: 'RecordLabels', data, meta }, { id: deploymentId });
      return { digest, position };
    } finally {
      await rm(path, { force: true });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.files.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Ids are texts of one length in the order of their times. */
function inferenceIdRange(predictionIds: readonly string[]): { readonly firstInferenceId: string; readonly lastInferenceId: string } {
  let [first = '', last = ''] = [predictionIds[0], predictionIds[0]];
  for (const id of predictionIds) {
    if (id < first) first = id;
    if (id > last) last = id;
  }
  return { firstInferenceId: inferenceIdOf(first), lastInferenceId: inferenceIdOf(last) };
}
