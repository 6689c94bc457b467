import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ObjectStoreError, openObjectStore, type ObjectStore } from '@cairn/object-store';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goldenOf } from '../../test/support/golden.js';
import { logisticOnnx } from '../../test/support/onnx-model.js';
import type { ControlPlane, ReplicaReport } from './control-plane.js';
import { ReplicaAgent, type Assignment } from './replica-agent.js';
import { WorkerReplica } from './worker/worker-replica.js';

const model = { weights: [0.5, -1], bias: 0.25 };
const never = new AbortController().signal;
const logger = pino({ level: 'silent' });

describe('ReplicaAgent', () => {
  let directory: string;
  let objects: ObjectStore;
  let reports: ReplicaReport[];
  let controlPlane: ControlPlane;
  let agent: ReplicaAgent;
  let assignment: Assignment;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cairn-agent-'));
    objects = await openObjectStore(pathToFileURL(directory).href);
    const { digest } = await objects.put(logisticOnnx(model));
    const golden = await objects.put(goldenOf(model, [[1, 2], [3, 4]]));
    assignment = { workspace: 'default', deploymentId: 'd', rolloutId: 'r', versionId: 'v', digest, goldenDigest: golden.digest, goldenTolerance: 1e-5 };
    reports = [];
    controlPlane = { report: async (report) => void reports.push(report) };
    agent = agentWith({});
  });

  afterEach(async () => {
    await agent.close();
    await objects.close();
    await rm(directory, { recursive: true });
  });

  const agentWith = (parts: { objects?: Pick<ObjectStore, 'localPath'>; controlPlane?: ControlPlane }) =>
    new ReplicaAgent({ replica: new WorkerReplica(), objects: parts.objects ?? objects, controlPlane: parts.controlPlane ?? controlPlane, logger, firstBackoffMs: 1 });

  async function taken(other: Partial<Assignment> = {}): Promise<void> {
    await agent.take({ ...assignment, ...other }, never);
    await agent.reported();
  }

  it('proves what it runs by digest and golden answer', async () => {
    await taken();
    expect(agent.isReady('v')).toBe(true);
    expect(reports).toMatchObject([{ rolloutId: 'r', replicaId: agent.replica.id, versionId: 'v', digest: assignment.digest }]);
    const [{ outcome }] = reports as [ReplicaReport];
    expect('goldenMaxDifference' in outcome && outcome.goldenMaxDifference).toBeLessThan(1e-6);
  });

  it('reports how far it is off, and takes no traffic', async () => {
    const { digest: goldenDigest } = await objects.put(goldenOf({ ...model, bias: 1 }, [[1, 2]]));
    await taken({ goldenDigest });
    expect(agent.isReady('v')).toBe(false);
    expect(reports).toMatchObject([{ digest: assignment.digest, outcome: { goldenMaxDifference: expect.closeTo(0.1548, 3) } }]);
  });

  it('reports that there is nothing to load', async () => {
    await taken({ digest: `sha256:${createHash('sha256').digest('hex')}` });
    expect(reports).toMatchObject([{ digest: '', outcome: { failure: expect.any(String) } }]);
    expect(agent.isReady('v')).toBe(false);
  });

  it('reports that a file is no model', async () => {
    const { digest } = await objects.put(Buffer.from('no model'));
    await taken({ digest });
    expect(reports).toMatchObject([{ digest: '', outcome: { failure: expect.any(String) } }]);
  });

  it('tries again what was unavailable, and reports once', async () => {
    let [files, calls] = [0, 0];
    const flaky = agentWith({
      objects: {
        localPath: (digest) => (++files < 3 ? Promise.reject(new ObjectStoreError('UNAVAILABLE', 'away')) : objects.localPath(digest)),
      },
      controlPlane: { report: (report) => (++calls < 3 ? Promise.reject(new Error('away')) : controlPlane.report(report)) },
    });
    await flaky.take(assignment, never);
    expect(flaky.isReady('v')).toBe(true);
    await flaky.reported();
    expect(reports).toHaveLength(1);
    await flaky.close();
  });

  it('is ready while nobody takes its report', async () => {
    const alone = agentWith({ controlPlane: { report: () => Promise.reject(new Error('away')) } });
    await alone.take(assignment, never);
    expect(alone.isReady('v')).toBe(true);
    await alone.close();
    await alone.reported();
  });

  it('reports nothing once its replica is gone', async () => {
    await agent.replica.close();
    await taken();
    expect(reports).toEqual([]);
    expect(agent.isReady('v')).toBe(false);
  });

  it('gives up what nobody wants any more', async () => {
    const abandoned = new AbortController();
    const away = agentWith({
      objects: {
        localPath: () => {
          abandoned.abort();
          return Promise.reject(new ObjectStoreError('UNAVAILABLE', 'away'));
        },
      },
    });
    await away.take(assignment, abandoned.signal);
    expect(reports).toEqual([]);
    await away.close();
  });

  it('is not ready for what it dropped', async () => {
    await agent.take(assignment, never);
    await agent.drop('v');
    expect(agent.isReady('v')).toBe(false);
  });
});
