import { newId, streamName } from '@cairn/kernel';
import { waitUntil } from '@cairn/testing';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeploymentEvent } from '../deployment/domain/state.js';
import { WorkerReplica } from '../replica/worker/worker-replica.js';
import { Fleet } from './fleet.js';
import type { WorkFeed, WorkItem } from './work-feed.js';

let fleet: Fleet;

afterEach(() => fleet.close());

/** A fleet that is told these events and nothing more. */
async function told(items: readonly WorkItem[]): Promise<Fleet> {
  const feed: WorkFeed = {
    async *follow() {
      for (const [index, item] of items.entries()) yield { events: [item], next: BigInt(index + 1), caughtUp: index === items.length - 1 };
    },
  };
  const objects = { localPath: () => Promise.reject(new Error('nothing is loaded here')) };
  fleet = new Fleet(feed, objects, { report: async () => undefined }, () => new WorkerReplica(), pino({ level: 'silent' }));
  fleet.start();
  await waitUntil('everything is told', () => fleet.position === BigInt(items.length));
  return fleet;
}

function item(deploymentId: string, revision: bigint, event: DeploymentEvent): WorkItem {
  return { event, id: newId(), position: revision, stream: streamName('deployment', deploymentId), revision, workspace: 'default' };
}

const created = (deploymentId: string, name: string): WorkItem =>
  item(deploymentId, 0n, { type: 'cairn.serving.v1.DeploymentCreated', data: { deploymentId, name, modelName: 'm', fallbackValue: 0, replicas: 1 } });

describe('Fleet', () => {
  it('keeps what it can’t understand of one deployment from the others', async () => {
    const [one, two] = [newId(), newId()];
    const broken = { type: 'cairn.serving.v1.BatchingConfigured', get data(): never {
      throw new Error('of a later version');
    } } as const;
    const following = await told([created(one, 'one'), item(one, 1n, broken), created(two, 'two')]);
    expect(following.find('default', 'two')?.deployment.deploymentId).toBe(two);
    expect(following.find('default', 'one')?.deployment.deploymentId).toBe(one);
  });

  it('leaves out what comes again', async () => {
    const one = newId();
    const configured = (revision: bigint, maxRows: number): WorkItem =>
      item(one, revision, { type: 'cairn.serving.v1.BatchingConfigured', data: { deploymentId: one, maxRows, delayUs: 0, preferredRows: [], maxQueued: 1 } });
    const following = await told([created(one, 'one'), configured(1n, 4), configured(2n, 8), configured(1n, 4)]);
    expect(following.find('default', 'one')?.deployment.batching.maxRows).toBe(8);
  });
});
