import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { GatesHandler } from '../../model-version/http/gates.handler.js';
import { VersionListQuery } from '../../model-version/views/version-list/version-list.query.js';
import { registeredModel } from '../domain/decider.js';
import { ModelNames, namesMoved } from './model-names.js';

/** Renames of one model, or claims of one name, may collide that often in a row. */
const MAX_ATTEMPTS = 8;

export interface LostAlias {
  readonly alias: string;
  readonly versionId: string;
  readonly reason: string;
}

/**
 * Rename, deletion and restoration of a model with its name, in one append each. Names are taken and released at the revisions that were read: of two that
 * collide the second begins again, so that it releases what the first one claimed, and never a name that somebody else has.
 */
@Injectable()
export class ModelLifecycleHandler {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ModelNames) private readonly names: ModelNames,
    @Inject(GatesHandler) private readonly gates: GatesHandler,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
  ) {}

  /** Throws DomainError MODEL_NAME_TAKEN, NAME_DEMANDS_GATES, or NAMES_MOVED when others kept changing the names. */
  rename(modelId: string, name: string, meta: CommandMeta): Promise<void> {
    return untilNamesHold(async () => {
      const { state } = await this.commands.state(registeredModel, modelId);
      if (state.status === 'none' || state.name === name) return;
      const holder = { modelId, workspace: meta.workspace };
      const [{ append, inherited }, release] = await Promise.all([this.names.claim(name, holder), this.names.release(state.name, holder)]);
      await this.commands.handle(registeredModel, { type: 'RenameModel', data: { name, inherited }, meta }, {
        id: modelId,
        alongside: (events) => [append, ...events.flatMap((event) => (event.type === 'cairn.registry.v1.ModelRenamed' ? [release(event.data.policies)] : []))],
        onAlongsideConflict: namesMoved,
      });
    });
  }

  /** The name is free afterwards; what it demanded stays with it. */
  delete(modelId: string, meta: CommandMeta): Promise<void> {
    return untilNamesHold(async () => {
      const { state } = await this.commands.state(registeredModel, modelId);
      if (state.status !== 'registered') return;
      const release = await this.names.release(state.name, { modelId, workspace: meta.workspace });
      await this.commands.handle(registeredModel, { type: 'DeleteModel', data: {}, meta }, {
        id: modelId,
        alongside: (events) => events.flatMap((event) => (event.type === 'cairn.registry.v1.ModelDeleted' ? [release(event.data.policies)] : [])),
        onAlongsideConflict: namesMoved,
      });
    });
  }

  /**
   * Brings a deleted model back with versions, tags, stages and gates. Its aliases ask their gates again; those that do not get through come back as lost.
   * Throws DomainError MODEL_NAME_TAKEN when somebody has the name now.
   */
  async restore(modelId: string, meta: CommandMeta): Promise<LostAlias[]> {
    let aliases: readonly { readonly alias: string; readonly versionId: string }[] = [];
    await untilNamesHold(async () => {
      const { state } = await this.commands.state(registeredModel, modelId);
      if (state.status === 'none') return;
      const { append, inherited } = await this.names.claim(state.name, { modelId, workspace: meta.workspace });
      const { events } = await this.commands.handle(registeredModel, { type: 'RestoreModel', data: { inherited }, meta }, {
        id: modelId,
        alongside: () => [append],
        onAlongsideConflict: namesMoved,
      });
      aliases = events.length === 0 ? [] : state.aliasesAtDeletion;
    });
    const lost: LostAlias[] = [];
    for (const { alias, versionId } of aliases) {
      const reason = await this.carryAgain(alias, versionId, meta);
      if (reason !== undefined) lost.push({ alias, versionId, reason });
    }
    return lost;
  }

  private async carryAgain(alias: string, versionId: string, meta: CommandMeta): Promise<string | undefined> {
    const version = await this.versions.find(meta.workspace, versionId);
    if (version === null) return 'The version was deleted by itself.';
    try {
      await this.gates.promote(version, { alias }, { ...meta, commandId: derivedId('alias-restored', meta.commandId, alias) });
      return undefined;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'GATES_NOT_PASSED') return error.message;
      throw error;
    }
  }
}

async function untilNamesHold(attempt: () => Promise<void>): Promise<void> {
  for (let count = 1; ; count += 1) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== namesMoved().code || count === MAX_ATTEMPTS) throw error;
    }
  }
}
