import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { AdvanceRollout, CreateDeployment, ReportReplica, StartRollout } from './commands.js';
import { deployment } from './decider.js';
import type { StageStatistics } from './judgement.js';
import type { DeploymentEvent, Stage } from './state.js';

const { given } = deciderSpec(deployment);
const meta = testMeta();
const deploymentId = 'd1';
const rolloutId = 'r1';
const versionId = 'v2';
const digest = 'sha256:aa';

const created = {
  type: 'cairn.serving.v1.DeploymentCreated',
  data: { deploymentId, name: 'delays', modelName: 'flight-delay', fallbackValue: 0.2, replicas: 2 },
} as const satisfies DeploymentEvent;
const started = {
  type: 'cairn.serving.v1.RolloutStarted',
  data: {
    deploymentId,
    rolloutId,
    versionId,
    version: 2,
    digest,
    goldenDigest: 'sha256:gg',
    incumbentVersionId: '',
    canaryWeight: 0.1,
    goldenTolerance: 1e-5,
    minimumRequests: 10n,
  },
} as const satisfies DeploymentEvent;
const entered = (stage: Stage, weight: number): DeploymentEvent => ({
  type: 'cairn.serving.v1.RolloutStageEntered',
  data: { deploymentId, rolloutId, stage, weight },
});
const proved = (replicaId: string): DeploymentEvent => ({
  type: 'cairn.serving.v1.ReplicaProved',
  data: { deploymentId, rolloutId, replicaId, versionId, digest, goldenMaxDifference: 0 },
});
const failedProof = (replicaId: string, reason: string, loaded: string = digest): DeploymentEvent => ({
  type: 'cairn.serving.v1.ReplicaFailedProof',
  data: { deploymentId, rolloutId, replicaId, versionId, digest: loaded, reason },
});
const judged = (stage: Stage, verdict: string, requests: bigint, evidence: string): DeploymentEvent => ({
  type: 'cairn.serving.v1.RolloutStageJudged',
  data: {
    deploymentId,
    rolloutId,
    stage,
    verdict,
    requests,
    rows: requests,
    errors: 0n,
    meanPredictionNew: 0.2,
    meanPredictionIncumbent: 0.3,
    p99LatencyMs: 2,
    evidence,
  },
});
const completed: DeploymentEvent = {
  type: 'cairn.serving.v1.RolloutCompleted',
  data: { deploymentId, rolloutId, versionId, version: 2, replicaIds: ['a', 'b'] },
};

const createIt: CreateDeployment = { type: 'CreateDeployment', data: created.data, meta };
const start: StartRollout = {
  meta,
  type: 'StartRollout',
  data: {
    deploymentId,
    rolloutId,
    versionId,
    version: 2,
    modelName: 'flight-delay',
    digest,
    goldenDigest: 'sha256:gg',
    goldenTolerance: 1e-5,
    canaryWeight: 0.1,
    minimumRequests: 10,
    promotedAliases: ['champion'],
    differences: new Map(),
  },
};
const statistics = (requests: number): StageStatistics => ({
  requests,
  rows: requests,
  errors: 0,
  rowsIncumbent: 0,
  nonFinite: 0,
  dropped: 0,
  meanPredictionNew: 0.2,
  meanPredictionIncumbent: 0.3,
  largestDifference: 0,
  p99LatencyMs: 2,
});
const advance = (stage: Stage, requests: number, members: readonly string[] = ['a', 'b']): AdvanceRollout => ({
  meta,
  type: 'AdvanceRollout',
  data: { deploymentId, rolloutId, stage, statistics: statistics(requests), members },
});
const evidence = (requests: number) => `${requests} of at least 10 requests with ${requests} rows; 0 requests failed; 0 outputs were not finite`;

describe('deployment', () => {
  it('is created once', () => {
    given([]).when(createIt).then([created]);
    given([created]).when(createIt).thenRefused('DEPLOYMENT_NAME_TAKEN');
  });

  it('has between one and sixteen replicas', () => {
    given([]).when({ ...createIt, data: { ...createIt.data, replicas: 0 } }).thenRefused('INVALID_DEPLOYMENT');
    given([]).when({ ...createIt, data: { ...createIt.data, replicas: 17 } }).thenRefused('INVALID_DEPLOYMENT');
  });
});

describe('start of a rollout', () => {
  it('begins in shadow', () => {
    given([created]).when(start).then([started, entered('shadow', 0)]);
  });

  it('names the incumbent', () => {
    const next = { ...start, data: { ...start.data, rolloutId: 'r2', versionId: 'v3', version: 3 } };
    given([created, started, entered('shadow', 0), completed])
      .when(next)
      .then([
        { type: 'cairn.serving.v1.RolloutStarted', data: { ...started.data, rolloutId: 'r2', versionId: 'v3', version: 3, incumbentVersionId: versionId } },
        { type: 'cairn.serving.v1.RolloutStageEntered', data: { deploymentId, rolloutId: 'r2', stage: 'shadow', weight: 0 } },
      ]);
  });

  it('needs a deployment', () => {
    given([]).when(start).thenRefused('DEPLOYMENT_NOT_FOUND');
  });

  it('needs a version that the gates let have an alias', () => {
    given([created]).when({ ...start, data: { ...start.data, promotedAliases: [] } }).thenRefused('VERSION_NOT_PROMOTED');
  });

  it('needs a version of the deployment’s model that replicas can serve', () => {
    given([created]).when({ ...start, data: { ...start.data, modelName: 'other' } }).thenRefused('VERSION_OF_ANOTHER_MODEL');
    given([created]).when({ ...start, data: { ...start.data, unservable: 'It has no golden answer.' } }).thenRefused('VERSION_NOT_SERVABLE');
  });

  it('waits for the rollout in progress', () => {
    given([created, started]).when(start).thenRefused('ROLLOUT_IN_PROGRESS');
  });

  it('has nothing to do for the live version', () => {
    given([created, started, completed]).when({ ...start, data: { ...start.data, rolloutId: 'r2' } }).thenRefused('VERSION_ALREADY_LIVE');
  });

  it('refuses numbers out of range', () => {
    for (const wrong of [{ canaryWeight: 0 }, { canaryWeight: 1 }, { goldenTolerance: -1 }, { minimumRequests: 0 }]) {
      given([created]).when({ ...start, data: { ...start.data, ...wrong } }).thenRefused('INVALID_ROLLOUT');
    }
  });
});

describe('report of a replica', () => {
  const report: ReportReplica = {
    type: 'ReportReplica',
    data: { deploymentId, rolloutId, replicaId: 'a', versionId, digest, outcome: { goldenMaxDifference: 0 } },
    meta,
  };

  it('is a proof when bytes and answer are right', () => {
    given([created, started]).when(report).then([proved('a')]);
  });

  it('is a failed proof when the answer is off', () => {
    given([created, started])
      .when({ ...report, data: { ...report.data, outcome: { goldenMaxDifference: 0.5 } } })
      .then([failedProof('a', 'the golden answer is off by 0.5, more than 0.00001')]);
  });

  it('is a failed proof when other bytes were loaded', () => {
    given([created, started])
      .when({ ...report, data: { ...report.data, digest: 'sha256:bb' } })
      .then([failedProof('a', 'loaded sha256:bb instead of sha256:aa', 'sha256:bb')]);
  });

  it('is recorded with the reason when nothing could be loaded', () => {
    given([created, started])
      .when({ ...report, data: { ...report.data, digest: '', outcome: { failure: 'no such file' } } })
      .then([failedProof('a', 'no such file', '')]);
  });

  it('is recorded for the live version too, as after a restart', () => {
    given([created, started, completed]).when(report).then([proved('a')]);
  });

  it('says nothing once its rollout is over', () => {
    given([created, started, { type: 'cairn.serving.v1.RolloutAborted', data: { deploymentId, rolloutId, reason: 'slow' } }]).when(report).thenNothing();
  });
});

describe('advance of a rollout', () => {
  const shadow = [created, started, entered('shadow', 0), proved('a'), proved('b')];

  it('goes from shadow over canary and full to completed', () => {
    const inShadow = `${evidence(10)}; largest difference from the answers given 0.000.`;
    given(shadow).when(advance('shadow', 10)).then([judged('shadow', 'pass', 10n, inShadow), entered('canary', 0.1)]);
    given([...shadow, entered('canary', 0.1)]).when(advance('canary', 10)).then([judged('canary', 'pass', 10n, `${evidence(10)}.`), entered('full', 1)]);
    given([...shadow, entered('full', 1)]).when(advance('full', 10)).then([judged('full', 'pass', 10n, `${evidence(10)}.`), completed]);
  });

  it('records an inconclusive judgement and stays', () => {
    given([...shadow, entered('canary', 0.1)]).when(advance('canary', 9)).then([judged('canary', 'inconclusive', 9n, `${evidence(9)}.`)]);
  });

  it('waits for a replica that has not proved', () => {
    given([created, started, proved('a')]).when(advance('shadow', 10)).thenRefused('REPLICAS_NOT_PROVED');
  });

  it('waits for a replica that has taken the place of one that had proved', () => {
    given([...shadow, entered('full', 1)]).when(advance('full', 10, ['a', 'c'])).thenRefused('REPLICAS_NOT_PROVED');
    given([...shadow, entered('full', 1)]).when(advance('full', 10, ['a'])).thenRefused('REPLICAS_NOT_PROVED');
    given([...shadow, entered('full', 1)]).when(advance('full', 10, ['a', 'a'])).thenRefused('REPLICAS_NOT_PROVED');
  });

  it('takes back a proof when the replica fails the next one', () => {
    given([...shadow, failedProof('b', 'gone')]).when(advance('shadow', 10)).thenRefused('REPLICAS_NOT_PROVED');
  });

  it('does not take what one stage has shown for the next', () => {
    given([...shadow, entered('canary', 0.1)]).when(advance('shadow', 10)).thenRefused('STAGE_CHANGED');
  });

  it('needs a rollout in progress', () => {
    given([created]).when(advance('shadow', 10)).thenRefused('ROLLOUT_NOT_RUNNING');
    given([...shadow, completed]).when(advance('shadow', 10)).thenRefused('ROLLOUT_NOT_RUNNING');
    given([]).when(advance('shadow', 10)).thenRefused('DEPLOYMENT_NOT_FOUND');
  });
});

describe('abort of a rollout', () => {
  const abort = { type: 'AbortRollout', data: { deploymentId, rolloutId, reason: 'slow' }, meta } as const;

  it('gives way to the incumbent and to the next rollout', () => {
    given([created, started]).when(abort).then([{ type: 'cairn.serving.v1.RolloutAborted', data: abort.data }]);
    given([created, started, { type: 'cairn.serving.v1.RolloutAborted', data: abort.data }])
      .when({ ...start, data: { ...start.data, rolloutId: 'r2' } })
      .then([
        { type: 'cairn.serving.v1.RolloutStarted', data: { ...started.data, rolloutId: 'r2' } },
        { type: 'cairn.serving.v1.RolloutStageEntered', data: { deploymentId, rolloutId: 'r2', stage: 'shadow', weight: 0 } },
      ]);
  });

  it('happens once', () => {
    given([created, started, completed]).when(abort).thenRefused('ROLLOUT_NOT_RUNNING');
  });
});
