import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openObjectStore, type ObjectStore } from '@cairn/object-store';
import { waitUntil } from '@cairn/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goldenOf } from '../../test/support/golden.js';
import { logisticOnnx } from '../../test/support/onnx-model.js';
import type { ReplicaReport } from '../replica/control-plane.js';
import { ReplicaAgent, type Assignment } from '../replica/replica-agent.js';
import type { Replica } from '../replica/replica.js';
import { WorkerReplica } from '../replica/worker/worker-replica.js';
import { ReplicaGroup } from './replica-group.js';

const model = { weights: [0.5, -1], bias: 0.25 };
const logger = pino({ level: 'silent' });

describe('ReplicaGroup', () => {
  let directory: string;
  let objects: ObjectStore;
  let started: Replica[];
  let reports: ReplicaReport[];
  let group: ReplicaGroup;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cairn-group-'));
    objects = await openObjectStore(pathToFileURL(directory).href);
    [started, reports] = [[], []];
    const startAgent = (): ReplicaAgent => {
      const replica = new WorkerReplica();
      started.push(replica);
      return new ReplicaAgent({ replica, objects, controlPlane: { report: async (report) => void reports.push(report) }, logger, firstBackoffMs: 1 });
    };
    group = new ReplicaGroup(2, { startAgent, drained: async () => undefined, logger, firstBackoffMs: 1, maxLoads: 3 });
  });

  afterEach(async () => {
    await group.close();
    await objects.close();
    await rm(directory, { recursive: true });
  });

  async function assignment(versionId: string, rolloutId = 'r1'): Promise<Assignment> {
    const [{ digest }, golden] = [await objects.put(logisticOnnx(model)), await objects.put(goldenOf(model, [[1, 2]]))];
    return { workspace: 'default', deploymentId: 'd', rolloutId, versionId, digest, goldenDigest: golden.digest, goldenTolerance: 1e-5 };
  }

  it('has every replica prove what is assigned', async () => {
    group.assign([await assignment('v1')]);
    await group.settled();
    expect(group.ready('v1').length).toBe(2);
    expect(new Set(reports.map(({ replicaId }) => replicaId))).toEqual(new Set(group.members));
  });

  it('loads the next version before the last one goes', async () => {
    const [one, two] = [await assignment('v1'), await assignment('v2', 'r2')];
    group.assign([one]);
    await group.settled();
    group.assign([one, two]);
    await group.settled();
    expect([group.ready('v1').length, group.ready('v2').length]).toEqual([2, 2]);
    group.assign([two]);
    await group.settled();
    expect([group.ready('v1').length, group.ready('v2').length]).toEqual([0, 2]);
  });

  it('asks for a new proof when another rollout brings the same version', async () => {
    group.assign([await assignment('v1', 'r1')]);
    await group.settled();
    group.assign([await assignment('v1', 'r2')]);
    await group.settled();
    expect(reports.map(({ rolloutId }) => rolloutId).sort()).toEqual(['r1', 'r1', 'r2', 'r2']);
    expect(group.ready('v1').length).toBe(2);
  });

  it('replaces replicas that have loaded many files, by others that have proved what is assigned, and loses no answer', async () => {
    for (const versionId of ['v1', 'v2']) {
      group.assign([await assignment(versionId, versionId)]);
      await group.settled();
    }
    const worn = [...started];
    const running = worn.map((replica) => replica.infer('v2', [{ name: 'features', datatype: 'FP32', shape: [2 ** 16, 2], data: new Float32Array(2 ** 17) }]));
    group.assign([await assignment('v2', 'v2'), await assignment('v3', 'v3')]);
    await group.settled();
    expect((await Promise.all(running)).map(({ outputs }) => outputs[0]?.shape)).toEqual([[2 ** 16, 1], [2 ** 16, 1]]);
    await Promise.all(worn.map(({ lost }) => lost));
    expect([group.ready('v2').length, group.ready('v3').length, started.length]).toEqual([2, 2, 4]);
    expect(group.members.filter((member) => worn.some(({ id }) => id === member))).toEqual([]);
    expect(new Set(reports.slice(-4).map(({ replicaId }) => replicaId))).toEqual(new Set(group.members));
  });

  it('puts another replica in the place of a lost one, which proves itself anew', async () => {
    group.assign([await assignment('v1')]);
    await group.settled();
    const [lost, other] = started as [Replica, Replica];
    await lost.close();
    expect(group.ready('v1')[0]?.id).toBe(other.id);
    await waitUntil('the third proof', () => reports.length === 3);
    expect(group.ready('v1').length).toBe(2);
    expect(group.members).not.toContain(lost.id);
    expect(group.members).toContain(other.id);
    expect(group.members).toContain(reports[2]?.replicaId);
  });
});
