import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { AdvanceRollout, ConfigureFallback, EngageKillSwitch, ReleaseKillSwitch, ReportReplica, StartRollout } from './commands.js';
import { deployment } from './decider.js';
import type { DeploymentEvent } from './state.js';

const { given } = deciderSpec(deployment);
const meta = testMeta();
const deploymentId = 'd1';

const created = {
  type: 'cairn.serving.v1.DeploymentCreated',
  data: { deploymentId, name: 'delays', modelName: 'flight-delay', fallbackValue: 0.2, replicas: 1 },
} as const satisfies DeploymentEvent;
const startedOf = (rolloutId: string, versionId: string, version: number) =>
  ({
    type: 'cairn.serving.v1.RolloutStarted',
    data: {
      deploymentId, rolloutId, versionId, version, digest: `sha256:${versionId}`, goldenDigest: 'sha256:gg', incumbentVersionId: '', canaryWeight: 0.1, goldenTolerance: 0,
      minimumRequests: 1n,
    },
  }) as const satisfies DeploymentEvent;
const live: readonly DeploymentEvent[] = [
  created,
  startedOf('r1', 'v1', 1),
  { type: 'cairn.serving.v1.RolloutCompleted', data: { deploymentId, rolloutId: 'r1', versionId: 'v1', version: 1, replicaIds: ['a'] } },
];
const rolling = [...live, startedOf('r2', 'v2', 2)];

const constant = (value: number): DeploymentEvent => ({
  type: 'cairn.serving.v1.FallbackConfigured',
  data: { deploymentId, kind: 'constant', value, fallbackId: '', versionId: '', version: 0, digest: '', goldenDigest: '', goldenTolerance: 0 },
});
const standby: DeploymentEvent = {
  type: 'cairn.serving.v1.FallbackConfigured',
  data: {
    deploymentId, kind: 'version', value: 0.2, fallbackId: 'f1', versionId: 'v0', version: 3, digest: 'sha256:v0', goldenDigest: 'sha256:gg', goldenTolerance: 0.5,
  },
};
const engaged = (liveVersionId = 'v1', candidateVersionId = ''): DeploymentEvent => ({
  type: 'cairn.serving.v1.KillSwitchEngaged',
  data: { deploymentId, reason: 'wrong', liveVersionId, candidateVersionId },
});
const released: DeploymentEvent = { type: 'cairn.serving.v1.KillSwitchReleased', data: { deploymentId, reason: 'wrong' } };

const toConstant = (value: number): ConfigureFallback => ({ type: 'ConfigureFallback', data: { kind: 'constant', deploymentId, value }, meta });
type ToVersion = ConfigureFallback['data'] & { readonly kind: 'version' };
const compared = (...versionIds: string[]) => new Map(versionIds.map((versionId) => [versionId, undefined]));
const toVersion = (more: Partial<ToVersion> = {}): ConfigureFallback => ({
  type: 'ConfigureFallback',
  data: {
    kind: 'version', deploymentId, fallbackId: 'f1', versionId: 'v0', version: 3, modelName: 'flight-delay', digest: 'sha256:v0', goldenDigest: 'sha256:gg', goldenTolerance: 0.5,
    promotedAliases: ['champion'], differences: compared('v1', 'v2'), ...more,
  },
  meta,
});
const start = (versionId: string, differences: StartRollout['data']['differences']): StartRollout => ({
  type: 'StartRollout',
  data: {
    ...startedOf('r3', versionId, 3).data, modelName: 'flight-delay', minimumRequests: 1, promotedAliases: ['champion'], differences,
  },
  meta,
});
const kill: EngageKillSwitch = { type: 'EngageKillSwitch', data: { deploymentId, reason: 'wrong' }, meta };
const restore: ReleaseKillSwitch = { type: 'ReleaseKillSwitch', data: { deploymentId, reason: 'wrong' }, meta };
const advance: AdvanceRollout = {
  type: 'AdvanceRollout',
  data: {
    deploymentId, rolloutId: 'r2', stage: 'shadow', members: ['a'],
    statistics: {
      requests: 1, rows: 1, errors: 0, nonFinite: 0, dropped: 0, rowsIncumbent: 0, meanPredictionNew: 0, meanPredictionIncumbent: 0, largestDifference: 0, p99LatencyMs: 1,
    },
  },
  meta,
};

describe('the fallback', () => {
  it('is a constant that can change', () => {
    given([created]).when(toConstant(0.5)).then([constant(0.5)]);
    given([created]).when(toConstant(0.2)).thenNothing();
    given([created, constant(0.5)]).when(toConstant(0.5)).thenNothing();
    given([created]).when(toConstant(Infinity)).thenRefused('INVALID_FALLBACK');
    given([]).when(toConstant(0.5)).thenRefused('DEPLOYMENT_NOT_FOUND');
  });

  it('is a version, with the constant for where no replica is ready for it', () => {
    given(rolling).when(toVersion()).then([standby]);
    given([created]).when(toVersion({ differences: new Map() })).then([standby]);
    given([...live, standby]).when(toVersion({ fallbackId: 'f2' })).thenNothing();
    given([...live, standby]).when(toConstant(0.2)).then([constant(0.2)]);
    given([]).when(toVersion()).thenRefused('DEPLOYMENT_NOT_FOUND');
  });

  it('is a version that could be rolled out', () => {
    given(live).when(toVersion({ modelName: 'other' })).thenRefused('VERSION_OF_ANOTHER_MODEL');
    given(live).when(toVersion({ promotedAliases: [] })).thenRefused('VERSION_NOT_PROMOTED');
    given(live).when(toVersion({ unservable: 'It has no golden answer.' })).thenRefused('VERSION_NOT_SERVABLE');
  });

  it('is nothing that the kill switch stops', () => {
    given(rolling).when(toVersion({ versionId: 'v1' })).thenRefused('VERSION_IS_SERVED');
    given(rolling).when(toVersion({ versionId: 'v2' })).thenRefused('VERSION_IS_SERVED');
    given([...live, standby]).when(start('v0', compared('v0'))).thenRefused('VERSION_IS_FALLBACK');
  });

  it('takes the requests of every version that it stands in for', () => {
    const differences = new Map([['v1', undefined], ['v2', 'only one of both has an input hour.']]);
    given(rolling).when(toVersion({ differences })).thenRefused('FALLBACK_DIFFERS');
    given(live).when(toVersion({ differences })).then([standby]);
    given([...live, standby]).when(start('v2', new Map([['v0', 'only one of both has an input hour.']]))).thenRefused('FALLBACK_DIFFERS');
  });

  it('is compared with what is there now', () => {
    given(rolling).when(toVersion({ differences: compared('v1') })).thenRefused('DEPLOYMENT_CHANGED');
    given([...live, standby]).when(start('v2', new Map())).thenRefused('DEPLOYMENT_CHANGED');
  });

  it('is proved by every replica, under its own id', () => {
    const report: ReportReplica = {
      type: 'ReportReplica',
      data: { deploymentId, rolloutId: 'f1', replicaId: 'a', versionId: 'v0', digest: 'sha256:v0', outcome: { goldenMaxDifference: 0.25 } },
      meta,
    };
    const ids = { deploymentId, rolloutId: 'f1', replicaId: 'a', versionId: 'v0', digest: 'sha256:v0' };
    given([...live, standby]).when(report).then([{ type: 'cairn.serving.v1.ReplicaProved', data: { ...ids, goldenMaxDifference: 0.25 } }]);
    given([...live, standby])
      .when({ ...report, data: { ...report.data, outcome: { failure: 'no such file' } } })
      .then([{ type: 'cairn.serving.v1.ReplicaFailedProof', data: { ...ids, reason: 'no such file' } }]);
    given([...live, standby, constant(0.2)]).when(report).thenNothing();
  });
});

describe('the kill switch', () => {
  it('names whom it stops, and is thrown once', () => {
    given([created]).when(kill).then([engaged('')]);
    given(live).when(kill).then([engaged()]);
    given(rolling).when(kill).then([engaged('v1', 'v2')]);
    given([...live, engaged()]).when(kill).thenNothing();
    given([...live, engaged(), released]).when(kill).then([engaged()]);
    given([]).when(kill).thenRefused('DEPLOYMENT_NOT_FOUND');
  });

  it('is released once', () => {
    given([...live, engaged()]).when(restore).then([released]);
    given(live).when(restore).thenNothing();
    given([]).when(restore).thenRefused('DEPLOYMENT_NOT_FOUND');
  });

  it('lets no rollout start or go on, but end', () => {
    given([...live, engaged()]).when(start('v2', new Map())).thenRefused('KILL_SWITCH_ENGAGED');
    given([...rolling, engaged('v1', 'v2')]).when(advance).thenRefused('KILL_SWITCH_ENGAGED');
    given([...rolling, engaged('v1', 'v2')])
      .when({ type: 'AbortRollout', data: { deploymentId, rolloutId: 'r2', reason: 'wrong' }, meta })
      .then([{ type: 'cairn.serving.v1.RolloutAborted', data: { deploymentId, rolloutId: 'r2', reason: 'wrong' } }]);
  });

  it('leaves open who answers, and stays on whatever else happens', () => {
    given([...live, engaged()]).when(toVersion()).then([standby]);
    given([...live, engaged(), standby]).when(toConstant(0.5)).then([constant(0.5)]);
    given([...rolling, engaged('v1', 'v2'), { type: 'cairn.serving.v1.RolloutAborted', data: { deploymentId, rolloutId: 'r2', reason: 'wrong' } }]).when(kill).thenNothing();
  });
});
