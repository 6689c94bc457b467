import { create } from '@bufbuild/protobuf';
import { replica } from '@cairn/contracts';
import { describe, expect, it } from 'vitest';
import type { StageStatistics } from '../deployment/domain/judgement.js';
import { StageRecorder } from '../router/stage-recorder.js';
import { toStageStatus } from './protocol/convert.js';
import { mustHaveSeen, seenBy, together } from './stage-everywhere.js';

const stage = { deploymentId: 'd', rolloutId: 'r', stage: 'canary' };
const observed = (predictions: number[], latencyMs = 1) => ({ predictions: Float64Array.from(predictions), nonFinite: 0, latencyMs });

function recorded(work: (recorder: StageRecorder) => void): StageStatistics {
  const recorder = new StageRecorder();
  work(recorder);
  return recorder.statistics();
}

const statusIn = (name: string, seen: StageStatistics) =>
  create(replica.ReplicaStatusSchema, { name: 'a', deployments: [{ deploymentId: 'd', stage: toStageStatus('r', name, seen) }] });

describe('a stage that several replicas are in', () => {
  it('has seen what one replica would have that had it all', () => {
    const first = recorded((recorder) => {
      recorder.ran(observed([1, 2, 3]), Float64Array.of(1, 2, 5));
      recorder.incumbentAnswered(Float64Array.of(4));
    });
    const second = recorded((recorder) => {
      recorder.ran(observed([7], 9), Float64Array.of(7));
      recorder.failed();
      recorder.notCompared();
      recorder.incumbentAnswered(Float64Array.of(1, 1, 1));
    });
    expect(together([first, second])).toEqual({
      requests: 3, rows: 4, errors: 1, nonFinite: 0, dropped: 1, meanPredictionNew: 3.25, meanPredictionIncumbent: 1.75, rowsIncumbent: 4,
      largestDifference: 2, p99LatencyMs: 9,
    });
  });

  it('has seen nothing where nobody has', () => {
    const nothing = recorded(() => undefined);
    expect(together([nothing, nothing])).toEqual(nothing);
    expect(together([])).toEqual(nothing);
  });

  it('is what a status says of it, and of no other stage', () => {
    const seen = recorded((recorder) => recorder.ran(observed([1, 2])));
    expect(seenBy(statusIn('canary', seen), stage)).toEqual(seen);
    expect(seenBy(statusIn('shadow', seen), stage)).toBeUndefined();
    expect(seenBy(statusIn('canary', seen), { ...stage, deploymentId: 'other' })).toBeUndefined();
    expect(() => mustHaveSeen(statusIn('shadow', seen), stage)).toThrow(expect.objectContaining({ code: 'ROUTES_BEHIND' }));
  });
});
