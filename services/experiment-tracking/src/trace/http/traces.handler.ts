import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import { MlflowError } from '@cairn/mlflow';
import { Inject, Injectable } from '@nestjs/common';
import { CreateExperimentHandler } from '../../experiment/http/create-experiment.handler.js';
import { convertExperimentId, DEFAULT_EXPERIMENT } from '../../experiment/http/convert.js';
import { ExperimentListQuery } from '../../experiment/views/experiment-list/experiment-list.query.js';
import type { TraceCommand } from '../domain/commands.js';
import { trace } from '../domain/decider.js';
import { TraceObserver } from '../observe/trace-observer.js';
import { TraceListQuery, type TraceWithFacts } from '../views/trace-list/trace-list.query.js';
import { streamIdOfTrace } from './trace-id.js';

/** Finds and changes traces; one of which only spans have told becomes a fact when somebody asks for it. */
@Injectable()
export class TracesHandler {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(TraceListQuery) private readonly traces: TraceListQuery,
    @Inject(TraceObserver) private readonly observer: TraceObserver,
    @Inject(ExperimentListQuery) private readonly experiments: ExperimentListQuery,
    @Inject(CreateExperimentHandler) private readonly creation: CreateExperimentHandler,
  ) {}

  /** Throws RESOURCE_DOES_NOT_EXIST. */
  async require(workspace: string, traceId: string): Promise<TraceWithFacts> {
    const [found] = await this.find(workspace, [traceId]);
    if (found === undefined) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Trace with ID ${traceId} is not found.`);
    return found;
  }

  /** In the order asked for; what is not there is left out. */
  async find(workspace: string, traceIds: readonly string[]): Promise<TraceWithFacts[]> {
    const first = await this.traces.findMany(workspace, traceIds);
    const settled = new Set(first.filter(({ trace: { toldByClient, state } }) => toldByClient && state !== 'IN_PROGRESS').map((facts) => facts.trace.traceId));
    const open = traceIds.filter((traceId) => !settled.has(traceId));
    if (open.length === 0) return first;
    await this.observer.observe(workspace, open);
    return this.traces.findMany(workspace, traceIds);
  }

  /** Throws DomainError with the decider's code. */
  async handle(traceId: string, command: TraceCommand): Promise<void> {
    const { workspace } = command.meta;
    // Only its spans may have told of it so far.
    if (command.type !== 'TellTrace') await this.observer.observe(workspace, [traceId]);
    await this.commands.handle(trace, command, { id: streamIdOfTrace(workspace, traceId) });
  }

  /** False when somebody else has deleted it meanwhile. */
  async delete(traceId: string, meta: CommandMeta): Promise<boolean> {
    const { workspace } = meta;
    const command = { type: 'DeleteTrace', data: {}, meta: { ...meta, commandId: derivedId('delete-trace', meta.commandId, traceId) } } as const;
    const { position } = await this.commands.handle(trace, command, { id: streamIdOfTrace(workspace, traceId) });
    await this.observer.forget(workspace, traceId);
    return position !== undefined;
  }

  /** Id of an experiment that takes traces: there, and not deleted. Experiment 0 is made when it is first needed. Throws RESOURCE_DOES_NOT_EXIST or EXPERIMENT_DELETED. */
  async experiment(wireId: string, meta: CommandMeta): Promise<string> {
    if (wireId === DEFAULT_EXPERIMENT.wireId) await this.creation.ensureDefault(meta);
    const experimentId = convertExperimentId(wireId, meta.workspace);
    const row = experimentId === undefined ? null : await this.experiments.find(meta.workspace, experimentId);
    if (row === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${wireId.slice(0, 100)} exists`);
    if (row.deleted) throw new DomainError('EXPERIMENT_DELETED', `The experiment ${row.experimentId} must be in the 'active' state. Current state is deleted.`, 'invalid');
    return row.experimentId;
  }
}
