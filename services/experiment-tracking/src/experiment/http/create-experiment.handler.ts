import { CommandHandler } from '@cairn/event-store';
import { derivedId, type CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import type { CreateExperiment } from '../domain/commands.js';
import { experiment } from '../domain/decider.js';
import { ExperimentListQuery } from '../views/experiment-list/experiment-list.query.js';
import { convertExperimentId, DEFAULT_EXPERIMENT } from './convert.js';
import { ExperimentNames, nameTaken } from './experiment-names.js';

/** Creates an experiment together with the claim of its name: the store takes both or neither. */
@Injectable()
export class CreateExperimentHandler {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ExperimentNames) private readonly names: ExperimentNames,
    @Inject(ExperimentListQuery) private readonly experiments: ExperimentListQuery,
  ) {}

  /** Throws DomainError EXPERIMENT_NAME_TAKEN. */
  async create(data: CreateExperiment['data'], meta: CommandMeta): Promise<void> {
    const { experimentId, name } = data;
    const claim = await this.names.claim(name, { experimentId, workspace: meta.workspace });
    await this.commands.handle(experiment, { type: 'CreateExperiment', data, meta }, {
      id: experimentId,
      alongside: () => [claim],
      onAlongsideConflict: () => nameTaken(name),
    });
  }

  /** The experiment behind MLflow's id 0 is made when the first run goes into it. */
  async ensureDefault(meta: CommandMeta): Promise<void> {
    const experimentId = convertExperimentId(DEFAULT_EXPERIMENT.wireId, meta.workspace) ?? '';
    if ((await this.experiments.find(meta.workspace, experimentId)) !== null) return;
    // The same command from everybody who is first: one of them creates it, the others find it done.
    await this.create({ experimentId, name: DEFAULT_EXPERIMENT.name, tags: [] }, { ...meta, commandId: derivedId('create', experimentId) });
  }
}
