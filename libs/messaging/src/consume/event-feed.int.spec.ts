import { MemoryEventStore } from '@cairn/event-store';
import { startTestNats, waitUntil } from '@cairn/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NatsLink } from '../nats/nats-link.js';
import { EVENTS_STREAM } from '../nats/streams.js';
import { soleHolder } from '../relay/lease.js';
import { Relay } from '../relay/relay.js';
import { specLogger } from '../testing/claim-service.js';
import { appendClaims, NAME_CLAIMED, names, type NameClaimed } from '../testing/claims.js';
import { EventFeed, type KnownEvent } from './event-feed.js';

describe('the feed of events', () => {
  let nats: Awaited<ReturnType<typeof startTestNats>>;
  let link: NatsLink;
  let store: MemoryEventStore;
  let relay: Relay;
  let stopping: AbortController;
  let reading: Promise<void>;
  let seen: { readonly name: string; readonly position: bigint }[];
  let state: { next: bigint; caughtUp: boolean };

  beforeEach(async () => {
    nats = await startTestNats();
    link = new NatsLink({ url: nats.url, name: 'feed-spec', logger: specLogger });
    store = new MemoryEventStore();
    relay = new Relay({ store, link, lease: soleHolder, logger: specLogger, checkIntervalMs: 200 });
    relay.start();
    [stopping, reading, seen, state] = [new AbortController(), Promise.resolve(), [], { next: 0n, caughtUp: false }];
  });

  afterEach(async () => {
    stopping.abort();
    await reading;
    await relay.stop();
    await link.close();
    await nats.stop();
  });

  function read(from: bigint, options: { readonly types?: readonly string[]; readonly known?: KnownEvent } = {}): void {
    const { types = [NAME_CLAIMED], known } = options;
    const feed = new EventFeed<NameClaimed>({ link, logger: specLogger, service: 'spec', producer: 'tracking', aggregate: '*', types });
    const follow = async (): Promise<void> => {
      for await (const { events, next, caughtUp } of feed.follow(from, stopping.signal, known)) {
        for (const { event, position } of events) seen.push({ name: event.data.name, position });
        state = { next, caughtUp };
      }
    };
    reading = follow();
  }

  const reached = (next: bigint) => waitUntil(`${next} is reached`, () => state.next === next && state.caughtUp);

  it('has what is there from a position on, and what comes, in order', async () => {
    await appendClaims(store, names(700));
    read(100n);
    await reached(700n);
    await appendClaims(store, names(50, 'late'));
    await reached(750n);
    expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 650 }, (_, index) => BigInt(index + 100)));
    expect(seen.at(-1)?.name).toBe('late-49');
  });

  it('says that nothing is there', async () => {
    await appendClaims(store, names(3));
    read(0n);
    await reached(3n);
    stopping.abort();
    await reading;
    [stopping, state] = [new AbortController(), { next: 0n, caughtUp: false }];
    read(3n);
    await reached(3n);
    expect(seen).toHaveLength(3);
  });

  it('lets other types pass by, and moves on', async () => {
    await appendClaims(store, names(5));
    read(0n, { types: ['cairn.tracking.v1.RunStarted'] });
    await reached(5n);
    expect(seen).toEqual([]);
  });

  it('goes on after the server was killed, and after the copy was lost', async () => {
    await appendClaims(store, names(5));
    read(0n);
    await reached(5n);
    await nats.kill();
    await appendClaims(store, names(5, 'dark'));
    await nats.restart();
    await reached(10n);
    const nc = await connect({ servers: nats.url });
    await (await jetstreamManager(nc)).streams.delete(EVENTS_STREAM);
    await nc.close();
    await appendClaims(store, names(5, 'again'));
    await reached(15n);
    expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 15 }, (_, index) => BigInt(index)));
  });

  it('reads nothing of the copy of another log', async () => {
    await appendClaims(store, names(5));
    await waitUntil('the events are copied', () => relay.status.state === 'copying' && relay.status.next >= 5n);
    const [known] = (await store.readRecords(2n, { limit: 1 })).events;
    read(3n, { known: { position: 2n, id: 'of another log' } });
    await waitUntil('the connection is there', () => link.status.state === 'connected');
    await appendClaims(store, names(1, 'more'));
    expect(seen).toEqual([]);
    stopping.abort();
    await reading;
    stopping = new AbortController();
    read(3n, { known: { position: 2n, id: known?.id ?? '' } });
    await reached(6n);
    expect(seen).toHaveLength(3);
  });
});
