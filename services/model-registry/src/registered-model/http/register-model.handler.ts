import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import type { RegisterModel } from '../domain/commands.js';
import { registeredModel } from '../domain/decider.js';
import { ModelNames, nameTaken } from './model-names.js';

/** Registers a model together with the claim of its name: the store takes both or neither. */
@Injectable()
export class RegisterModelHandler {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ModelNames) private readonly names: ModelNames,
  ) {}

  /** Throws DomainError MODEL_NAME_TAKEN. */
  async register(data: RegisterModel['data'], meta: CommandMeta): Promise<void> {
    const { modelId, name } = data;
    const { append, inherited } = await this.names.claim(name, { modelId, workspace: meta.workspace });
    await this.commands.handle(registeredModel, { type: 'RegisterModel', data: { ...data, inherited }, meta }, {
      id: modelId,
      alongside: () => [append],
      onAlongsideConflict: () => nameTaken(name),
    });
  }
}
