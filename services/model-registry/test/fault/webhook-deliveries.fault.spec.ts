import { EventStoreError, PostgresEventStore, type EventStore, type StreamAppend } from '@cairn/event-store';
import { createDatabase, waitUntil } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import { Receiver } from '../support/receiver.js';
import { startRegistry } from '../support/registry-client.js';

const SETTINGS = { CAIRN_WEBHOOK_HTTP: 'allow', CAIRN_WEBHOOK_PRIVATE_ADDRESSES: 'allow' };

type Fault = 'failed and not stored' | 'failed but stored';

/** The store, whose first record of an attempt fails, as it would for a process that dies between the receiver's answer and its record. */
function faulty(store: EventStore, fault: Fault): EventStore {
  let failed = false;
  const append = async (appends: readonly StreamAppend[]) => {
    const isAttempt = appends.some(({ events }) => events.some(({ type }) => type === 'cairn.registry.v1.WebhookDeliveryAttempted'));
    if (failed || !isAttempt) return store.append(appends);
    failed = true;
    if (fault === 'failed but stored') await store.append(appends);
    throw new EventStoreError('UNAVAILABLE', 'The connection broke.');
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'append') return append;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe.each<readonly [Fault, number]>([['failed and not stored', 2], ['failed but stored', 1]])('an attempt whose record %s', (fault, times) => {
  it(`is sent ${times === 1 ? 'once' : 'again, under the same id'}, and the next delivery follows`, async () => {
    const [receiver, database] = [await new Receiver().start(), await createDatabase()];
    const store = await PostgresEventStore.open({ url: database.url });
    const registry = await startRegistry({ database, settings: SETTINGS, shared: { store: faulty(store, fault) } });
    const { body: hook } = await registry.as('ada', 'POST', '/registry/v1/webhooks', { name: 'h', url: receiver.url('/hook'), events: ['registered_model.created'] });
    for (const name of ['first', 'second']) await registry.as('ada', 'POST', '/api/2.0/mlflow/registered-models/create', { name });
    const path = `/registry/v1/webhooks/${hook.webhook_id}/deliveries`;
    const items = await waitUntil('both are delivered', async () => {
      const { body } = await registry.as('ada', 'GET', path);
      return body.items.every(({ status }: { status: string }) => status === 'delivered') ? body.items : undefined;
    });
    expect(items.map(({ attempts }: { attempts: number }) => attempts)).toEqual([1, 1]);
    const ids = receiver.received.map(({ headers }) => headers['x-mlflow-delivery-id']);
    expect(ids).toEqual([...Array.from({ length: times }, () => items[1].delivery_id), items[0].delivery_id]);
    const { events } = await store.readAll(0n, { limit: 1_000 });
    expect(events.filter(({ type }) => type === 'cairn.registry.v1.WebhookDeliveryAttempted')).toHaveLength(2);
    expect(await registry.running.parts.stateful?.runner.rebuild()).toMatchObject({ identical: true });
    await registry.close();
    await store.close();
    await database.drop();
    await receiver.stop();
  });
});
