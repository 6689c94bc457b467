import { fold, type JsonValue } from '@cairn/kernel';
import { testMeta } from '@cairn/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RunCommand } from './commands.js';
import { run } from './decider.js';
import { snapshot } from './snapshot.js';
import type { RunEvent, RunState } from './state.js';

const baseline = { kind: 'run', runId: 'b', value: 0.25, modelName: '', modelVersion: 0, consideredRuns: 0 };
const criterion = { metric: 'auc', comparison: '>=', threshold: 0.5, baselineMetric: 'base', sampleMetric: 'rows', minimumSample: 9_007_199_254_740_993n };
const started = (thresholds: readonly number[]): RunEvent => ({
  type: 'cairn.tracking.v1.RunStarted',
  data: {
    runId: 'r', experimentId: 'e', name: 'n', startTimeMs: 1n, user: 'Ada Lovelace', tags: [{ key: 'team', value: 'é😀' }], criteriaVersion: 3,
    criteria: thresholds.map((threshold, at) => ({ ...criterion, threshold, ...(at > 0 && { slice: 'JFK', baseline: { ...baseline, value: threshold } }) })),
  },
});
const measured = (key: string, value: number, step: bigint): RunEvent => ({
  type: 'cairn.tracking.v1.MetricsLogged',
  data: { runId: 'r', keys: [key], values: [value], timestampsMs: [5n], steps: [step], modelIds: [], datasetNames: [], datasetDigests: [] },
});
const param = (key: string, value: string): RunEvent => ({
  type: 'cairn.tracking.v1.ParamsLogged', data: { runId: 'r', params: [{ key, value, origin: 'default', library: 'l', libraryVersion: '1' }] },
});

const value = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0));
const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 5 }), fc.constantFrom('__proto__', 'auc', 'base', 'rows'));
const event: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.tuple(name, value, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map(([key, of, step]) => measured(key, of, step)),
  fc.tuple(name, name).map(([key, of]) => param(key, of)),
  fc.tuple(name, name).map(([key, of]): RunEvent => ({ type: 'cairn.tracking.v1.RunTagsSet', data: { runId: 'r', tags: [{ key, value: of }] } })),
  name.map((path): RunEvent => ({ type: 'cairn.tracking.v1.ArtifactLogged', data: { runId: 'r', path, digest: 'd', sizeBytes: 1n } })),
  fc.bigInt().map((endTimeMs): RunEvent => ({ type: 'cairn.tracking.v1.RunFinished', data: { runId: 'r', status: 'FINISHED', endTimeMs } })),
  fc.constantFrom<RunEvent>(
    { type: 'cairn.tracking.v1.RunDeleted', data: { runId: 'r' } },
    { type: 'cairn.tracking.v1.RunRestored', data: { runId: 'r' } },
    { type: 'cairn.tracking.v1.RunResumed', data: { runId: 'r' } },
  ),
);
const stateAfter = (events: readonly RunEvent[], from: RunState = run.initialState()) => fold(run.evolve, from, events);
const throughJson = (state: RunState) => snapshot.fromJson(JSON.parse(JSON.stringify(snapshot.toJson(state))) as JsonValue);

it('a run that was kept and read again evolves and decides as before', () => {
  const commands: RunCommand[] = [
    {
      type: 'LogBatch',
      data: { params: [{ key: 'auc', value: '1', origin: 'set', library: '', libraryVersion: '' }], metrics: [], tags: [{ key: 'auc', value: 'x' }] },
      meta: testMeta(),
    },
    { type: 'LogArtifact', data: { path: 'auc', digest: 'd', sizeBytes: 1n }, meta: testMeta() },
    { type: 'FinishRun', data: { status: 'FINISHED', endTimeMs: 7n }, meta: testMeta() },
    { type: 'ResumeRun', data: {}, meta: testMeta() },
    { type: 'RestoreRun', data: {}, meta: testMeta() },
  ];
  fc.assert(
    fc.property(fc.array(value, { maxLength: 3 }), fc.array(event, { maxLength: 20 }), fc.array(event, { maxLength: 10 }), (thresholds, before, after) => {
      const state = stateAfter([started(thresholds), ...before]);
      const read = throughJson(state);
      expect(snapshot.toJson(read)).toEqual(snapshot.toJson(state));
      for (const [one, other] of [[state, read], [stateAfter(after, state), stateAfter(after, read)]] as const) {
        for (const command of commands) expect(run.decide(command, other)).toEqual(run.decide(command, one));
      }
    }),
  );
  expect(throughJson(run.initialState())).toEqual(run.initialState());
});

it('is written as version 2 says, and does not say who started the run', () => {
  const state = stateAfter([
    started([0.5, -0]), measured('auc', NaN, 2n), measured('loss', 1, 3n), param('rate', '0.1'),
    { type: 'cairn.tracking.v1.ArtifactLogged', data: { runId: 'r', path: 'model', digest: 'sha256:a', sizeBytes: 1n } },
    { type: 'cairn.tracking.v1.RunFinished', data: { runId: 'r', status: 'FAILED', endTimeMs: 9n } },
  ]);
  // Whoever has to change this raises the version: logs are served by processes that wrote snapshots like it.
  expect([snapshot.version, snapshot.toJson(state)]).toEqual([2, {
    status: 'ended', outcome: 'FAILED', endTimeMs: '9', runId: 'r', deleted: false, criteriaVersion: 3,
    criteria: [
      { metric: 'auc', comparison: '>=', threshold: '0.5', baselineMetric: 'base', sampleMetric: 'rows', minimumSample: '9007199254740993' },
      {
        metric: 'auc', comparison: '>=', threshold: '-0', baselineMetric: 'base', sampleMetric: 'rows', minimumSample: '9007199254740993', slice: 'JFK',
        baseline: { kind: 'run', runId: 'b', value: '-0', modelName: '', modelVersion: 0, consideredRuns: 0 },
      },
    ],
    params: [{ key: 'rate', value: '0.1', origin: 'default', library: 'l', libraryVersion: '1' }],
    tags: [['team', 'é😀']], artifacts: [['model', 'sha256:a']], judged: [{ key: 'auc', value: 'NaN', timestampMs: '5', step: '2' }],
  }]);
  expect(JSON.stringify(snapshot.toJson(state))).not.toContain('Ada');
});
