import type { Snapshotting } from '@cairn/kernel';
import type { Criterion, MetricPoint, NamedBaseline, Param } from './commands.js';
import type { RunFacts, RunState } from './state.js';

type SavedFacts = {
  runId: string;
  deleted: boolean;
  criteriaVersion: number;
  criteria: SavedCriterion[];
  params: Param[];
  tags: [string, string][];
  artifacts: [string, string][];
  judged: SavedPoint[];
};
type SavedCriterion = Omit<Criterion, 'threshold' | 'minimumSample' | 'baseline'> & { threshold: string; minimumSample: string; baseline?: SavedBaseline };
type SavedBaseline = Omit<NamedBaseline, 'value'> & { value: string };
type SavedPoint = { key: string; value: string; timestampMs: string; step: string };
type SavedRun = { status: 'none' } | ({ status: 'running' } & SavedFacts) | ({ status: 'ended'; outcome: string; endTimeMs: string } & SavedFacts);

/**
 * A run has an event for each call that logs metrics: a million points, sent one by one, are a million events. Who started it is personal, and no part of
 * the state.
 */
export const snapshot: Snapshotting<RunState> = {
  version: 2,
  everyEvents: 500,
  entries: (state) => (state.status === 'none' ? 0 : state.criteria.length + state.params.size + state.tags.size + state.artifacts.size + state.judged.size),
  toJson: (state): SavedRun => {
    switch (state.status) {
      case 'none':
        return { status: 'none' };
      case 'running':
        return { status: 'running', ...saved(state) };
      case 'ended':
        return { status: 'ended', outcome: state.outcome, endTimeMs: String(state.endTimeMs), ...saved(state) };
      default: {
        const unhandled: never = state;
        return unhandled;
      }
    }
  },
  fromJson: (json): RunState => {
    const run = json as SavedRun;
    switch (run.status) {
      case 'none':
        return { status: 'none' };
      case 'running':
        return { status: 'running', ...facts(run) };
      case 'ended':
        return { status: 'ended', outcome: run.outcome, endTimeMs: BigInt(run.endTimeMs), ...facts(run) };
      default: {
        const unhandled: never = run;
        return unhandled;
      }
    }
  },
};

function saved({ runId, deleted, criteriaVersion, criteria, params, tags, artifacts, judged }: RunFacts): SavedFacts {
  return {
    runId,
    deleted,
    criteriaVersion,
    criteria: criteria.map(savedCriterion),
    params: [...params.values()],
    tags: [...tags],
    artifacts: [...artifacts],
    judged: [...judged.values()].map(({ key, value, timestampMs, step }) => ({ key, value: textOf(value), timestampMs: String(timestampMs), step: String(step) })),
  };
}

function facts({ runId, deleted, criteriaVersion, criteria, params, tags, artifacts, judged }: SavedFacts): RunFacts {
  return {
    runId,
    deleted,
    criteriaVersion,
    criteria: criteria.map(readCriterion),
    params: new Map(params.map((param) => [param.key, param])),
    tags: new Map(tags),
    artifacts: new Map(artifacts),
    judged: new Map(judged.map((point) => [point.key, measured(point)])),
  };
}

function savedCriterion({ threshold, minimumSample, baseline, ...rest }: Criterion): SavedCriterion {
  const named = baseline === undefined ? {} : { baseline: { ...baseline, value: textOf(baseline.value) } };
  return { ...rest, threshold: textOf(threshold), minimumSample: String(minimumSample), ...named };
}

function readCriterion({ threshold, minimumSample, baseline, ...rest }: SavedCriterion): Criterion {
  const named = baseline === undefined ? {} : { baseline: { ...baseline, value: Number(baseline.value) } };
  return { ...rest, threshold: Number(threshold), minimumSample: BigInt(minimumSample), ...named };
}

function measured({ key, value, timestampMs, step }: SavedPoint): MetricPoint {
  return { key, value: Number(value), timestampMs: BigInt(timestampMs), step: BigInt(step) };
}

/** JSON has no NaN, no infinities and no negative zero; `Number` reads all three from their names. */
function textOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
