import type { Decider, Refusal } from '@cairn/kernel';
import { isWithin } from './artifact-folder.js';
import type { FinishRun, LogBatch, LogInputs, RunCommand, StartRun, Tag } from './commands.js';
import { defaultedBy } from './defaulted-tag.js';
import { refusals, refuse, type Code } from './errors.js';
import { judge } from './judge.js';
import { isJudgeTag } from './judge-tags.js';
import { logModelInputs, logModelOutputs, measuredColumns, recordModel } from './models.js';
import { newParams } from './params.js';
import { fitsOneEvent, inputBytes, metricBytes, paramBytes, pieces, tagBytes } from './pieces.js';
import { snapshot } from './snapshot.js';
import { evolve, type RunEvent, type RunFacts, type RunState } from './state.js';

type Decision = readonly RunEvent[] | Refusal<Code>;

const OUTCOMES: readonly string[] = ['FINISHED', 'FAILED', 'KILLED'];

export const run: Decider<RunState, RunCommand, RunEvent, Code> = {
  category: 'run',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
  snapshot,
};

function decide(command: RunCommand, state: RunState): Decision {
  if (command.type === 'StartRun') return start(command, state);
  if (state.status === 'none') return refuse('RUN_NOT_FOUND', 'No run has this id.');
  const { runId } = state;
  if (command.type === 'RestoreRun') return state.deleted ? [{ type: 'cairn.tracking.v1.RunRestored', data: { runId } }] : [];
  if (command.type === 'DeleteRun') return state.deleted ? [] : [{ type: 'cairn.tracking.v1.RunDeleted', data: { runId } }];
  if (state.deleted) return refuse('RUN_DELETED', `The run ${runId} must be in the 'active' state. Current state is deleted.`);
  switch (command.type) {
    case 'LogBatch':
      return logBatch(command, state);
    case 'LogInputs':
      return logInputs(command, state);
    case 'LogModelInputs':
      return logModelInputs(command, state);
    case 'LogModelOutputs':
      return logModelOutputs(command, state);
    case 'RecordModel':
      return recordModel(command, state);
    case 'RemoveArtifact': {
      const { path } = command.data;
      return [...state.artifacts.keys()].some((known) => isWithin(known, path)) ? [{ type: 'cairn.tracking.v1.ArtifactRemoved', data: { runId, path } }] : [];
    }
    case 'LogArtifact':
      if (state.artifacts.get(command.data.path) === command.data.digest) return [];
      return [{ type: 'cairn.tracking.v1.ArtifactLogged', data: { runId, ...command.data } }];
    case 'RemoveRunTag': {
      const { key } = command.data;
      if (!state.tags.has(key)) return refuse('TAG_NOT_FOUND', `No tag with name: ${key} in run with id ${runId}`);
      return [{ type: 'cairn.tracking.v1.RunTagRemoved', data: { runId, key } }];
    }
    case 'FinishRun':
      return finish(command, state);
    case 'ResumeRun':
      return state.status === 'running' ? [] : [{ type: 'cairn.tracking.v1.RunResumed', data: { runId } }];
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function start({ data }: StartRun, state: RunState): Decision {
  if (state.status !== 'none') return refuse('RUN_EXISTS', 'A run with this id was started before.');
  const forged = forgedTag(data.tags);
  if (forged !== undefined) return forged;
  const defaulted = defaultedBy(data.tags);
  if (defaulted !== undefined && 'refused' in defaulted) return defaulted;
  const [first = [], ...rest] = pieces(data.tags, tagBytes);
  // The criteria travel in RunStarted; tags that find no room beside them follow in events of their own.
  const [withStart, follow] = data.criteria.length === 0 ? [first, rest] : [[], data.tags.length === 0 ? [] : [first, ...rest]];
  return [{ type: 'cairn.tracking.v1.RunStarted', data: { ...data, tags: withStart } }, ...follow.map((tags) => tagsSet(data.runId, tags))];
}

function logBatch({ data }: LogBatch, state: RunFacts): Decision {
  const forged = forgedTag(data.tags);
  if (forged !== undefined) return forged;
  const params = newParams(data, state);
  if ('refused' in params) return params;
  const { runId } = state;
  const tags = data.tags.filter(({ key, value }) => state.tags.get(key) !== value);
  return [
    ...pieces(params, paramBytes).map((some): RunEvent => ({ type: 'cairn.tracking.v1.ParamsLogged', data: { runId, params: some } })),
    ...pieces(data.metrics, metricBytes).map(
      (points): RunEvent => ({
        type: 'cairn.tracking.v1.MetricsLogged',
        data: {
          runId,
          keys: points.map(({ key }) => key),
          values: points.map(({ value }) => value),
          timestampsMs: points.map(({ timestampMs }) => timestampMs),
          steps: points.map(({ step }) => step),
          ...measuredColumns(points),
        },
      }),
    ),
    ...pieces(tags, tagBytes).map((some) => tagsSet(runId, some)),
  ];
}

function forgedTag(tags: readonly Tag[]): Refusal<Code> | undefined {
  const forged = tags.find(({ key }) => isJudgeTag(key));
  if (forged === undefined) return undefined;
  return refuse('RESERVED_TAG', `The tag '${forged.key}' is set when a run is judged, and by nobody else: leave it out.`);
}

function logInputs({ data: { datasets } }: LogInputs, { runId }: RunFacts): Decision {
  const large = datasets.find((dataset) => !fitsOneEvent(inputBytes(dataset)));
  if (large !== undefined) {
    return refuse('INPUT_TOO_LARGE', `Source, schema and profile of dataset '${large.name}' are too large: together they may have about 40,000 bytes.`);
  }
  return pieces(datasets, inputBytes).map((some) => ({ type: 'cairn.tracking.v1.InputsLogged', data: { runId, datasets: some } }));
}

/** Judged in the same append: no reader ever sees a finished run whose verdict is still to come. */
function finish({ data: { status, endTimeMs } }: FinishRun, state: Exclude<RunState, { status: 'none' }>): Decision {
  if (!OUTCOMES.includes(status)) return refuse('INVALID_RUN_STATUS', `A run ends as one of ${OUTCOMES.join(', ')}, not as ${status}.`);
  if (state.status === 'ended' && state.outcome === status && state.endTimeMs === endTimeMs) return [];
  const { runId, criteria, criteriaVersion, judged } = state;
  const finished: RunEvent = { type: 'cairn.tracking.v1.RunFinished', data: { runId, status, endTimeMs } };
  if (criteria.length === 0) return [finished];
  const { verdict, results } = judge(criteria, judged, status);
  return [finished, { type: 'cairn.tracking.v1.CriteriaJudged', data: { runId, criteriaVersion, verdict, results } }];
}

function tagsSet(runId: string, tags: Extract<RunEvent, { type: 'cairn.tracking.v1.RunTagsSet' }>['data']['tags']): RunEvent {
  return { type: 'cairn.tracking.v1.RunTagsSet', data: { runId, tags } };
}
