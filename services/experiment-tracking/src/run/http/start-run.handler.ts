import { CommandHandler, type AlongsideAppend } from '@cairn/event-store';
import { DomainError, isRefusal, streamName, type CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { experiment } from '../../experiment/domain/decider.js';
import type { ExperimentState } from '../../experiment/domain/state.js';
import type { StartRun } from '../domain/commands.js';
import { run } from '../domain/decider.js';
import { streamIdOfRun } from './run-id.js';

type NewRun = Omit<StartRun['data'], 'criteriaVersion' | 'criteria'>;

/** Declarations and first runs of one experiment may collide that often in a row. */
const MAX_ATTEMPTS = 8;
const EXPERIMENT_CHANGED = 'EXPERIMENT_CHANGED';

/**
 * Starts a run under the criteria in force. The first run of an experiment locks them in the same append, at the revision of the experiment that was read, so
 * that no declaration slips in between. Later runs only read: a declaration in the same instant is marked as one after the first run anyway.
 */
@Injectable()
export class StartRunHandler {
  constructor(@Inject(CommandHandler) private readonly commands: CommandHandler) {}

  /** What was recorded; for a repeated command, the first time. */
  async start(data: NewRun, meta: CommandMeta): Promise<NewRun> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.tryStart(data, meta);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== EXPERIMENT_CHANGED || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  private async tryStart(data: NewRun, meta: CommandMeta): Promise<NewRun> {
    const { state, revision } = await this.commands.state(experiment, data.experimentId);
    if (state.status === 'none') throw new DomainError('EXPERIMENT_NOT_FOUND', `No Experiment with id=${data.experimentId} exists`, 'missing');
    const { criteriaVersion, criteria } = state;
    const command: StartRun = { type: 'StartRun', data: { ...data, criteriaVersion, criteria }, meta };
    const { events } = await this.commands.handle(run, command, {
      id: streamIdOfRun(data.runId),
      isNew: meta.repeatable === false,
      alongside: () => lockOf(state, revision, data, meta),
      onAlongsideConflict: () => new DomainError(EXPERIMENT_CHANGED, 'The experiment kept changing. Send the request again.', 'busy'),
    });
    const [started] = events;
    return started?.type === 'cairn.tracking.v1.RunStarted' ? started.data : data;
  }
}

function lockOf(state: ExperimentState, revision: bigint, { experimentId, runId }: NewRun, meta: CommandMeta): AlongsideAppend[] {
  const events = experiment.decide({ type: 'LockCriteria', data: { runId }, meta }, state);
  if (isRefusal(events)) throw new DomainError(events.refused, events.message, experiment.refusals[events.refused]);
  return events.length === 0 ? [] : [{ stream: streamName(experiment.category, experimentId), expected: revision, events }];
}
