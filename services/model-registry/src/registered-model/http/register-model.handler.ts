import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, streamName, type CommandMeta, type DomainEvent } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import type { RegisterModel } from '../domain/commands.js';
import { registeredModel } from '../domain/decider.js';

/** Registers a model together with the claim of its name: the store takes both or neither. */
@Injectable()
export class RegisterModelHandler {
  constructor(@Inject(CommandHandler) private readonly commands: CommandHandler) {}

  /** Throws DomainError MODEL_NAME_TAKEN. */
  async register(data: RegisterModel['data'], meta: CommandMeta): Promise<void> {
    const { modelId, name } = data;
    const claim: DomainEvent = { type: 'cairn.registry.v1.ModelNameClaimed', data: { name, modelId } };
    await this.commands.handle(registeredModel, { type: 'RegisterModel', data, meta }, {
      id: modelId,
      alongside: () => [{ stream: streamName('model-name', derivedId('model-name', meta.workspace, name)), expected: 'none', events: [claim] }],
      onAlongsideConflict: () => new DomainError('MODEL_NAME_TAKEN', `Registered Model (name=${name}) already exists.`, 'conflict'),
    });
  }
}
