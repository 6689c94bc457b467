import { MemoryEventStore, parseRecord } from '@cairn/event-store';
import { startTestNats, waitUntil } from '@cairn/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NatsLink } from '../nats/nats-link.js';
import { ensureStreams, EVENTS_STREAM } from '../nats/streams.js';
import { specLogger } from '../testing/claim-service.js';
import { appendClaims, names } from '../testing/claims.js';
import { expectedCopies, readCopies } from '../testing/copies.js';
import { FaultyProxy } from '../testing/faulty-proxy.js';
import { toCloudEvent } from '../wire/cloud-event.js';
import { eventSubject } from '../wire/subjects.js';
import { soleHolder, type Lease } from './lease.js';
import { DEFAULT_WINDOW, PublishWindow } from './publish-window.js';
import { Relay } from './relay.js';

let nats: Awaited<ReturnType<typeof startTestNats>>;
let store: MemoryEventStore;
let closers: (() => Promise<void>)[];

beforeAll(async () => {
  nats = await startTestNats();
});
afterAll(async () => {
  await nats.stop();
});
beforeEach(() => {
  store = new MemoryEventStore();
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  await withManager((jsm) => jsm.streams.delete(EVENTS_STREAM).catch(() => false));
});

async function withManager<T>(work: (jsm: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>): Promise<T> {
  const nc = await connect({ servers: nats.url });
  try {
    return await work(await jetstreamManager(nc));
  } finally {
    await nc.close();
  }
}

function openLink(url = nats.url): NatsLink {
  const link = new NatsLink({ url, name: 'relay-fault', logger: specLogger });
  closers.push(() => link.close());
  return link;
}

function startRelay({ url = nats.url, lease = soleHolder }: { url?: string; lease?: Lease } = {}): Relay {
  const relay = new Relay({
    store,
    link: openLink(url),
    lease,
    logger: specLogger,
    window: { ...DEFAULT_WINDOW, confirmTimeoutMs: 1_000 },
    checkIntervalMs: 60_000,
  });
  closers.push(() => relay.stop());
  relay.start();
  return relay;
}

async function startProxy(): Promise<FaultyProxy> {
  const proxy = await FaultyProxy.start(nats.url);
  closers.push(() => proxy.stop());
  return proxy;
}

const copied = (relay: Relay, next: bigint) => waitUntil(`${next} events are copied`, () => relay.status.state === 'copying' && relay.status.next >= next);

/** Each event of the log is in the stream once, in order, as sequence position + 1. */
async function expectConsistent(count: number): Promise<void> {
  const copies = await readCopies(nats.url);
  expect(copies).toEqual(await expectedCopies(store));
  expect(copies).toHaveLength(count);
}

describe('a server that is killed', () => {
  it('misses nothing of what was appended before, meanwhile and after', async () => {
    const relay = startRelay();
    const writing = (async () => {
      for (const batch of names(300)) await appendClaims(store, names(5, batch));
    })();
    await waitUntil('some are copied', () => relay.status.state === 'copying' && relay.status.next > 20n);
    await nats.kill();
    await appendClaims(store, names(100, 'while-down'));
    await nats.restart();
    await writing;
    await copied(relay, 1_600n);
    await expectConsistent(1_600);
  });

  it('is copied to again after an outage in which any client with a limit would have given up', async () => {
    const link = openLink();
    const relay = new Relay({ store, link, lease: soleHolder, logger: specLogger });
    closers.push(() => relay.stop());
    relay.start();
    await appendClaims(store, names(10));
    await copied(relay, 10n);
    const { nc } = await link.use(AbortSignal.timeout(60_000));
    let attempts = 0;
    void (async () => {
      for await (const { type } of nc.status()) if (type === 'reconnecting') attempts += 1;
    })();
    await nats.kill();
    await appendClaims(store, names(10));
    // The client's own default is ten.
    await waitUntil('twelve attempts to connect have failed', () => attempts >= 12);
    expect(relay.status).toMatchObject({ state: 'waiting' });
    await nats.restart();
    await copied(relay, 20n);
    await expectConsistent(20);
  });

  it('need not be there when the relay starts', async () => {
    await nats.kill();
    const relay = startRelay();
    await appendClaims(store, names(10));
    expect(relay.status).toEqual({ state: 'waiting', reason: 'NATS is not connected.' });
    await nats.restart();
    await copied(relay, 10n);
    await expectConsistent(10);
  });
});

describe('a relay whose connection breaks between a copy and its confirmation', () => {
  it.each([
    ['failed and not stored', 'requests'],
    ['failed but stored', 'answers'],
  ] as const)('copies once: %s', async (_, loss) => {
    const proxy = await startProxy();
    const relay = startRelay({ url: proxy.url });
    await appendClaims(store, names(10, 'before'));
    await copied(relay, 10n);
    proxy.lose(loss);
    await appendClaims(store, names(10, 'lost'));
    await waitUntil('something was lost', () => proxy.lostBytes > 0);
    proxy.cut();
    proxy.lose('nothing');
    await appendClaims(store, names(10, 'after'));
    await copied(relay, 30n);
    await expectConsistent(30);
  });

  it.each([
    ['failed and not stored', 'requests'],
    ['failed but stored', 'answers'],
  ] as const)('is followed by another one that copies once: %s', async (_, loss) => {
    const proxy = await startProxy();
    const first = startRelay({ url: proxy.url });
    await appendClaims(store, names(10, 'before'));
    await copied(first, 10n);
    proxy.lose(loss);
    await appendClaims(store, names(10, 'lost'));
    await waitUntil('something was lost', () => proxy.lostBytes > 0);
    const second = startRelay();
    await appendClaims(store, names(10, 'after'));
    await copied(second, 30n);
    await expectConsistent(30);
    proxy.lose('nothing');
    await appendClaims(store, names(10, 'together'));
    await copied(first, 40n);
    await expectConsistent(40);
  });

  it('does not wait for confirmations for ever when the connection is silent instead of broken', async () => {
    const proxy = await startProxy();
    const relay = startRelay({ url: proxy.url });
    await appendClaims(store, names(10));
    await copied(relay, 10n);
    proxy.lose('answers');
    await appendClaims(store, names(10));
    await waitUntil('the relay noticed', () => relay.status.state === 'waiting');
    proxy.cut();
    proxy.lose('nothing');
    await copied(relay, 20n);
    await expectConsistent(20);
  });
});

describe('a copy that is not next', () => {
  async function publishFrom(position: bigint): Promise<string> {
    const { nc } = await openLink().use(AbortSignal.timeout(60_000));
    const window = new PublishWindow(nc, position);
    for (const record of (await store.readRecords(position)).events) {
      window.publish(record.position, eventSubject(record.type, record.stream), toCloudEvent(parseRecord(record)));
    }
    const error = await waitUntil('the window is over', () => window.failed.aborted && (window.failed.reason as { code: string }));
    window.close();
    return error.code;
  }

  beforeEach(async () => {
    const relay = startRelay();
    await appendClaims(store, names(10));
    await copied(relay, 10n);
    await relay.stop();
    await appendClaims(store, names(10));
  });

  it('is refused when it is stored already; the stream takes none twice', async () => {
    expect(await publishFrom(3n)).toBe('STREAM_BEHIND');
    // Whatever followed the stale ones in the window was next in its turn.
    await expectConsistent(20);
  });

  it('is refused with all behind it when some before it are missing', async () => {
    expect(await publishFrom(11n)).toBe('STREAM_BEHIND');
    expect(await readCopies(nats.url)).toEqual((await expectedCopies(store)).slice(0, 10));
  });
});

describe('a stream that lost its tail', () => {
  it('gets it again', async () => {
    const relay = startRelay();
    await appendClaims(store, names(100));
    await copied(relay, 100n);
    await withManager(async (jsm) => {
      await jsm.streams.delete(EVENTS_STREAM);
      await ensureStreams(jsm, 1);
    });
    const { nc } = await openLink().use(AbortSignal.timeout(60_000));
    const window = new PublishWindow(nc, 0n);
    for (const record of (await store.readRecords(0n, { limit: 50 })).events) {
      window.publish(record.position, eventSubject(record.type, record.stream), toCloudEvent(parseRecord(record)));
    }
    await waitUntil('half of it is there', () => window.confirmed === 50n);
    window.close();
    await appendClaims(store, ['next']);
    await waitUntil('the relay went back', async () => (await readCopies(nats.url)).length === 101);
    await expectConsistent(101);
  });
});

describe('two relays at once', () => {
  it('do no harm when the lease fails to keep them apart', async () => {
    const relays = [startRelay(), startRelay()];
    for (const batch of names(100)) await appendClaims(store, names(20, batch));
    await waitUntil('all is copied', () => relays.some(({ status }) => status.state === 'copying' && status.next === 2_000n));
    await expectConsistent(2_000);
  });

  it('take turns: the second goes on when the first loses the lease', async () => {
    const lease = new OneAtATime();
    const relays = [startRelay({ lease }), startRelay({ lease })];
    await appendClaims(store, names(100));
    const leader = await waitUntil('one copies', () => relays.find(({ status }) => status.state === 'copying' && status.next === 100n));
    const other = relays.find((relay) => relay !== leader)!;
    expect(other.status).toEqual({ state: 'standby' });
    lease.takeAway();
    await appendClaims(store, names(100));
    await copied(other, 200n);
    expect(leader.status).toEqual({ state: 'standby' });
    await expectConsistent(200);
  });
});

/** A lease among the relays of one process, that a spec can take away from its holder. */
class OneAtATime implements Lease {
  private holder: AbortController | undefined;
  private readonly waiting: (() => void)[] = [];

  async acquire(signal: AbortSignal) {
    if (this.holder !== undefined) {
      await new Promise<void>((resolve, reject) => {
        this.waiting.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    }
    const held = new AbortController();
    this.holder = held;
    return { lost: held.signal, release: async () => this.pass(held) };
  }

  takeAway(): void {
    this.holder?.abort();
  }

  private pass(held: AbortController): void {
    if (this.holder !== held) return;
    this.holder = undefined;
    this.waiting.shift()?.();
  }
}
