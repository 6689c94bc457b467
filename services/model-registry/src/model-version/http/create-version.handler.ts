import { CommandHandler } from '@cairn/event-store';
import { DomainError, isRefusal, streamName, type CommandMeta } from '@cairn/kernel';
import { newIdFor } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { registeredModel } from '../../registered-model/domain/decider.js';
import type { ModelRow } from '../../registered-model/views/model-list/model.entity.js';
import type { NewVersion } from '../domain/commands.js';
import { modelVersion } from '../domain/decider.js';

type Content = Omit<NewVersion, 'versionId' | 'modelId' | 'modelName' | 'version'>;

/** Adds a version to its model: the model gives the number, the version's own stream begins, in one append. */
@Injectable()
export class CreateVersionHandler {
  constructor(@Inject(CommandHandler) private readonly commands: CommandHandler) {}

  /** Answers the version's id. */
  async create({ modelId, name: modelName }: ModelRow, content: Content, meta: CommandMeta): Promise<string> {
    const versionId = newIdFor(meta, 'version');
    await this.commands.handle(registeredModel, { type: 'AddVersion', data: { versionId }, meta }, {
      id: modelId,
      alongside: (events) =>
        events.flatMap((event) => {
          if (event.type !== 'cairn.registry.v1.ModelVersionAdded') return [];
          const data = { ...content, versionId, modelId, modelName, version: event.data.version };
          const created = modelVersion.decide({ type: 'CreateVersion', data, meta }, modelVersion.initialState());
          if (isRefusal(created)) throw new DomainError(created.refused, created.message, modelVersion.refusals[created.refused]);
          return [{ stream: streamName(modelVersion.category, versionId), expected: 'none' as const, events: created }];
        }),
    });
    return versionId;
  }
}
