import { MemoryEventStore } from '@cairn/event-store';
import { startTestNats, waitUntil } from '@cairn/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { NatsLink } from '../nats/nats-link.js';
import { EVENTS_STREAM } from '../nats/streams.js';
import { appendClaims, nameClaimed, names } from '../testing/claims.js';
import { specLogger } from '../testing/claim-service.js';
import { expectedCopies, readCopies } from '../testing/copies.js';
import { soleHolder } from './lease.js';
import { Relay } from './relay.js';

let nats: Awaited<ReturnType<typeof startTestNats>>;
let link: NatsLink;
let store: MemoryEventStore;
let relay: Relay;

const newRelay = (from = store) => new Relay({ store: from, link, lease: soleHolder, logger: specLogger, checkIntervalMs: 200 });
const copied = (next: bigint, by = relay) => waitUntil(`${next} events are copied`, () => by.status.state === 'copying' && by.status.next >= next);

beforeAll(async () => {
  nats = await startTestNats();
});
afterAll(async () => {
  await nats.stop();
});
beforeEach(() => {
  link = new NatsLink({ url: nats.url, name: 'relay-spec', logger: specLogger });
  store = new MemoryEventStore();
  relay = newRelay();
});
afterEach(async () => {
  await relay.stop();
  await deleteStream();
  await link.close();
});

async function deleteStream(): Promise<void> {
  const nc = await connect({ servers: nats.url });
  await (await jetstreamManager(nc)).streams.delete(EVENTS_STREAM).catch(() => false);
  await nc.close();
}

describe('the relay', () => {
  it('copies what is in the log and what comes, each event once, in order', async () => {
    await appendClaims(store, names(3_000, 'early'));
    relay.start();
    await Promise.all(names(50, 'late').map((name) => appendClaims(store, [name])));
    await copied(3_050n);
    expect(await readCopies(nats.url)).toEqual(await expectedCopies(store));
  });

  it('goes on where it stopped without a checkpoint of its own', async () => {
    relay.start();
    await appendClaims(store, names(10));
    await copied(10n);
    await relay.stop();
    expect(relay.status).toEqual({ state: 'stopped' });
    await appendClaims(store, names(10));
    relay = newRelay();
    relay.start();
    await copied(20n);
    expect(await readCopies(nats.url)).toEqual(await expectedCopies(store));
  });

  it('rebuilds a stream that was deleted while nothing happened', async () => {
    relay.start();
    await appendClaims(store, names(10));
    await copied(10n);
    await deleteStream();
    await waitUntil('the stream is there again', async () => (await readCopies(nats.url)).length === 10);
    expect(await readCopies(nats.url)).toEqual(await expectedCopies(store));
  });

  it('copies an event whose type is none of ours, since the copy has no holes', async () => {
    await store.append([
      { stream: 'thing-1', expected: 'none', events: [{ ...nameClaimed('foreign'), type: 'thing.happened' }] },
    ]);
    relay.start();
    await copied(1n);
    expect(await readCopies(nats.url)).toEqual(await expectedCopies(store));
  });

  it('refuses a stream that holds more than the log, and says what to do', async () => {
    const longer = new MemoryEventStore();
    await appendClaims(longer, names(5));
    relay = newRelay(longer);
    relay.start();
    await copied(5n);
    await relay.stop();
    await appendClaims(store, names(2));
    relay = newRelay();
    relay.start();
    const reason = await waitUntil('the relay refuses', () => relay.status.state === 'refused' && relay.status.reason);
    expect(reason).toMatch(/holds 5 events, but the log only 2.*delete the stream/);
  });

  it('refuses a stream of another log, and copies once it is gone', async () => {
    const other = new MemoryEventStore();
    await appendClaims(other, names(5));
    relay = newRelay(other);
    relay.start();
    await copied(5n);
    await relay.stop();
    await appendClaims(store, names(20));
    relay = newRelay();
    relay.start();
    const reason = await waitUntil('the relay refuses', () => relay.status.state === 'refused' && relay.status.reason);
    expect(reason).toMatch(/not a copy of this log: they differ at position 0/);
    await deleteStream();
    await copied(20n);
    expect(await readCopies(nats.url)).toEqual(await expectedCopies(store));
  });

  it('refuses a stream whose rules would lose events', async () => {
    const nc = await connect({ servers: nats.url });
    await (await jetstreamManager(nc)).streams.add({ name: EVENTS_STREAM, subjects: ['cairn.>'], max_msgs: 100 });
    await nc.close();
    relay.start();
    const reason = await waitUntil('the relay refuses', () => relay.status.state === 'refused' && relay.status.reason);
    expect(reason).toMatch(/Edit it so that it has .*max_msgs -1.*deny_delete true/);
  });
});

