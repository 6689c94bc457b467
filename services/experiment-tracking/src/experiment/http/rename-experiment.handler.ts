import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { experiment } from '../domain/decider.js';
import { ExperimentNames, namesMoved } from './experiment-names.js';

/** Renames of one experiment, or claims of one name, may collide that often in a row. */
const MAX_ATTEMPTS = 8;

/**
 * Renames an experiment, claims the new name and releases the old one, in one append. Both names are taken at the revisions that were read: of two
 * renames at the same moment the second begins again, so that it releases what the first one claimed, and never a name that somebody else has.
 */
@Injectable()
export class RenameExperimentHandler {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ExperimentNames) private readonly names: ExperimentNames,
  ) {}

  /** Throws DomainError EXPERIMENT_NAME_TAKEN, or NAMES_MOVED when others kept changing the names. */
  async rename(experimentId: string, name: string, meta: CommandMeta): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.tryRename(experimentId, name, meta);
        return;
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== namesMoved().code || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  private async tryRename(experimentId: string, name: string, meta: CommandMeta): Promise<void> {
    const { state } = await this.commands.state(experiment, experimentId);
    if (state.status === 'none' || state.name === name) return;
    const holder = { experimentId, workspace: meta.workspace };
    const [claim, release] = await Promise.all([this.names.claim(name, holder), this.names.release(state.name, holder)]);
    await this.commands.handle(experiment, { type: 'RenameExperiment', data: { name }, meta }, {
      id: experimentId,
      alongside: () => [claim, release],
      onAlongsideConflict: namesMoved,
    });
  }
}
