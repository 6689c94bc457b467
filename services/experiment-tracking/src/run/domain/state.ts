import type { EventOf, tracking } from '@cairn/contracts';
import type { Criterion, MetricPoint, Param } from './commands.js';
import { withoutFolder } from './artifact-folder.js';
import { later } from './latest-metric.js';

export type RunEvent = EventOf<
  | tracking.RunStarted
  | tracking.ParamsLogged
  | tracking.MetricsLogged
  | tracking.RunTagsSet
  | tracking.RunTagRemoved
  | tracking.RunDeleted
  | tracking.RunRestored
  | tracking.InputsLogged
  | tracking.ModelInputsLogged
  | tracking.ModelOutputsLogged
  | tracking.ArtifactLogged
  | tracking.ArtifactRemoved
  | tracking.RunFinished
  | tracking.RunResumed
  | tracking.CriteriaJudged
>;

export interface RunFacts {
  readonly runId: string;
  readonly deleted: boolean;
  readonly criteriaVersion: number;
  readonly criteria: readonly Criterion[];
  readonly params: ReadonlyMap<string, Param>;
  readonly tags: ReadonlyMap<string, string>;
  readonly artifacts: ReadonlyMap<string, string>;
  /** Latest point of the metrics that the criteria name, and of no other: a run may log millions of points. */
  readonly judged: ReadonlyMap<string, MetricPoint>;
}

export type RunState =
  | { readonly status: 'none' }
  | ({ readonly status: 'running' } & RunFacts)
  | ({ readonly status: 'ended'; readonly outcome: string; readonly endTimeMs: bigint } & RunFacts);

export function evolve(state: RunState, event: RunEvent): RunState {
  if (event.type === 'cairn.tracking.v1.RunStarted') return started(event.data);
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'cairn.tracking.v1.ParamsLogged':
      return { ...state, params: extended(state.params, event.data.params.map((param) => [param.key, param])) };
    case 'cairn.tracking.v1.MetricsLogged':
      return { ...state, judged: withLatest(state, event.data) };
    case 'cairn.tracking.v1.RunTagsSet':
      return { ...state, tags: extended(state.tags, event.data.tags.map(({ key, value }) => [key, value])) };
    case 'cairn.tracking.v1.RunTagRemoved':
      return { ...state, tags: new Map([...state.tags].filter(([key]) => key !== event.data.key)) };
    case 'cairn.tracking.v1.RunDeleted':
      return { ...state, deleted: true };
    case 'cairn.tracking.v1.RunRestored':
      return { ...state, deleted: false };
    case 'cairn.tracking.v1.ArtifactLogged':
      return { ...state, artifacts: extended(state.artifacts, [[event.data.path, event.data.digest]]) };
    case 'cairn.tracking.v1.ArtifactRemoved':
      return { ...state, artifacts: withoutFolder(state.artifacts, event.data.path) };
    case 'cairn.tracking.v1.RunFinished':
      return { ...state, status: 'ended', outcome: event.data.status, endTimeMs: event.data.endTimeMs };
    case 'cairn.tracking.v1.RunResumed':
      return { ...state, status: 'running' };
    case 'cairn.tracking.v1.InputsLogged':
    case 'cairn.tracking.v1.ModelInputsLogged':
    case 'cairn.tracking.v1.ModelOutputsLogged':
    case 'cairn.tracking.v1.CriteriaJudged':
      return state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

function started({ runId, criteriaVersion, criteria, tags }: Extract<RunEvent, { type: 'cairn.tracking.v1.RunStarted' }>['data']): RunState {
  return {
    status: 'running',
    runId,
    deleted: false,
    criteriaVersion,
    criteria,
    params: new Map(),
    tags: new Map(tags.map(({ key, value }) => [key, value])),
    artifacts: new Map(),
    judged: new Map(),
  };
}

function withLatest({ criteria, judged }: RunFacts, { keys, values, timestampsMs, steps }: LoggedColumns): ReadonlyMap<string, MetricPoint> {
  const named = new Set(criteria.flatMap(({ metric, baselineMetric, sampleMetric }) => [metric, baselineMetric, sampleMetric]));
  if (!keys.some((key) => named.has(key))) return judged;
  const latest = new Map(judged);
  keys.forEach((key, index) => {
    if (!named.has(key)) return;
    const point = { key, value: values[index] ?? NaN, timestampMs: timestampsMs[index] ?? 0n, step: steps[index] ?? 0n };
    latest.set(key, later(latest.get(key), point));
  });
  return latest;
}

type LoggedColumns = Extract<RunEvent, { type: 'cairn.tracking.v1.MetricsLogged' }>['data'];

function extended<Value>(map: ReadonlyMap<string, Value>, entries: readonly (readonly [string, Value])[]): ReadonlyMap<string, Value> {
  return new Map([...map, ...entries]);
}
