import { MemoryEventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { startTestNats, waitUntil } from '@cairn/testing';
import { jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Handled } from './consume/handler-loop.js';
import type { Delivery } from './handler/delivery.js';
import { RetryLater, Terminate } from './handler/endings.js';
import { NatsLink } from './nats/nats-link.js';
import { DEAD_LETTERS_STREAM, EVENTS_STREAM } from './nats/streams.js';
import { soleHolder } from './relay/lease.js';
import { Relay } from './relay/relay.js';
import { specLogger, startClaimService, type ClaimHandler, type ClaimService, type ClaimServiceOptions } from './testing/claim-service.js';
import { appendClaims, NAME_CLAIMED, nameClaimed, names, type NameClaimed } from './testing/claims.js';
import { gate } from './testing/gate.js';
import { deadLetterSubject } from './wire/subjects.js';

let nats: Awaited<ReturnType<typeof startTestNats>>;
let link: NatsLink;
let store: MemoryEventStore;
let relay: Relay;
let services: ClaimService[];

beforeAll(async () => {
  nats = await startTestNats();
});
afterAll(async () => {
  await nats.stop();
});
beforeEach(() => {
  services = [];
  store = new MemoryEventStore();
  link = new NatsLink({ url: nats.url, name: 'strategy-spec', logger: specLogger });
  relay = new Relay({ store, link, lease: soleHolder, logger: specLogger });
  relay.start();
});
afterEach(async () => {
  await Promise.all(services.map((service) => service.close()));
  await relay.stop();
  await link.close();
  await withManager(async (jsm) => {
    for await (const stream of jsm.streams.list()) await jsm.streams.delete(stream.config.name);
  });
});

async function withManager<T>(work: (jsm: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>): Promise<T> {
  const nc = await connect({ servers: nats.url });
  try {
    return await work(await jetstreamManager(nc));
  } finally {
    await nc.close();
  }
}

async function start(handler: ClaimHandler, options: Partial<ClaimServiceOptions> = {}): Promise<ClaimService> {
  const service = await startClaimService({ url: nats.url, handler, ...options });
  services.push(service);
  return service;
}

async function countSignsOfLife(): Promise<{ count(): number; stop(): Promise<void> }> {
  const nc = await connect({ servers: nats.url });
  let count = 0;
  nc.subscribe(`$JS.ACK.${EVENTS_STREAM}.>`, {
    callback: (_, message) => {
      if (message.string() === '+WPI') count += 1;
    },
  });
  await nc.flush();
  return { count: () => count, stop: () => nc.close() };
}

/** Not by `last_by_subj`: nats-server 2.9.10 crashes when nothing has that subject yet. */
function deadLetter(service: string, handler: string, position: bigint): Promise<StoredMsg> {
  const subject = deadLetterSubject(service, handler, position);
  return waitUntil('there is a dead letter', () =>
    withManager(async (jsm) => {
      const { state } = await jsm.streams.info(DEAD_LETTERS_STREAM);
      for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
        const letter = await jsm.streams.getMessage(DEAD_LETTERS_STREAM, { seq });
        if (letter?.subject === subject) return letter;
      }
      return undefined;
    }),
  );
}

const unsettled = (durable: string) =>
  withManager(async (jsm) => {
    const { num_ack_pending, num_pending } = await jsm.consumers.info(EVENTS_STREAM, durable);
    return num_ack_pending + num_pending;
  });
const LATER = 'serving_later_tracking-ExperimentNameClaimed';
const settled = (durable = 'serving_on-name-claimed_tracking-ExperimentNameClaimed') =>
  waitUntil('everything is settled', async () => (await unsettled(durable)) === 0);

/** Fails on the events whose name begins with `poison`, as told. */
function recording(fail: (delivery: Delivery<NameClaimed>) => void = () => undefined): { handler: ClaimHandler; seen: Delivery<NameClaimed>[] } {
  const seen: Delivery<NameClaimed>[] = [];
  const handler: ClaimHandler = async (delivery) => {
    seen.push(delivery);
    if (delivery.event.data.name.startsWith('poison')) fail(delivery);
  };
  return { handler, seen };
}

const namesOf = (seen: readonly Delivery<NameClaimed>[]) => seen.map(({ event }) => event.data.name);

describe('a handler', () => {
  it('gets every event with all that the log knows, in order, and is not asked again', async () => {
    const { handler, seen } = recording();
    await appendClaims(store, names(20, 'before'));
    await start(handler);
    await appendClaims(store, names(20, 'after'));
    await waitUntil('all are handled', () => seen.length === 40);
    await settled();
    expect(namesOf(seen)).toEqual([...names(20, 'before'), ...names(20, 'after')]);
    const { events } = await store.readAll(0n);
    const { event, ...envelope } = seen[7]!;
    expect({ ...envelope, type: event.type, data: events[7]!.data }).toEqual({ ...events[7], attempt: 1, service: 'serving' });
    expect(event.data).toMatchObject(events[7]!.data);
  });

  it('goes on where it stood after a restart', async () => {
    const { handler, seen } = recording();
    const first = await start(handler);
    await appendClaims(store, names(5, 'first'));
    await waitUntil('five are handled', () => seen.length === 5);
    // Acknowledged too, or the server may rightly hand one out again.
    await settled();
    await first.app.close();
    await appendClaims(store, names(5, 'second'));
    await start(handler);
    // What the server had handed to the first start while it ended comes again later, behind others.
    await waitUntil('all of the second five are handled', () => names(5, 'second').every((name) => namesOf(seen).includes(name)));
    expect(namesOf(seen).filter((name) => name.startsWith('first'))).toEqual(names(5, 'first'));
  });

  it('shares the events with the other processes of its service, and not with other services', async () => {
    const mine = recording();
    const other = recording();
    await start(mine.handler);
    await start(mine.handler);
    await start(other.handler, { service: 'monitoring' });
    await appendClaims(store, names(30));
    await settled();
    await settled('monitoring_on-name-claimed_tracking-ExperimentNameClaimed');
    expect(namesOf(mine.seen).sort()).toEqual(names(30).sort());
    expect(namesOf(other.seen)).toEqual(names(30));
  });

  it('is asked again and then succeeds', async () => {
    const { handler, seen } = recording(({ attempt }) => {
      if (attempt < 3) throw new TypeError('not today');
    });
    await start(handler);
    await appendClaims(store, ['poison', 'fine']);
    await waitUntil('both are handled', () => seen.length === 4);
    await settled();
    expect(seen.filter(({ event }) => event.data.name === 'poison').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it('is asked again after the time it names, however often', async () => {
    const { handler, seen } = recording(({ attempt }) => {
      if (attempt < 6) throw new RetryLater(10, 'no capacity');
    });
    await start(handler);
    await appendClaims(store, ['poison']);
    await waitUntil('it is handled', () => seen.length === 6);
    await settled();
  });

  it('does not make others wait for an event that it fails on', async () => {
    const { handler, seen } = recording(() => {
      throw new RetryLater(60_000, 'later');
    });
    await start(handler);
    await appendClaims(store, ['poison', ...names(10)]);
    await waitUntil('the others are handled', () => seen.length === 11);
    expect(namesOf(seen)).toEqual(['poison', ...names(10)]);
  });

  it('does not touch another handler of the same event', async () => {
    const failing = recording(() => {
      throw new TypeError('defect');
    });
    const sound = recording();
    await start(failing.handler, { second: sound.handler });
    await appendClaims(store, ['poison', 'fine']);
    await deadLetter('serving', 'on-name-claimed', 0n);
    await settled('serving_on-name-claimed-too_tracking-ExperimentNameClaimed');
    expect(namesOf(sound.seen)).toEqual(['poison', 'fine']);
  });

  it('may take longer than the server waits', async () => {
    const { handler, seen } = recording();
    const release = gate();
    await start(
      async (delivery) => {
        await handler(delivery);
        await release.opened;
      },
      { policy: { ackWaitMs: 200 } },
    );
    const signs = await countSignsOfLife();
    await appendClaims(store, ['slow', 'next']);
    await waitUntil('it runs', () => seen.length === 1);
    const other = recording();
    await start(other.handler, { policy: { ackWaitMs: 200 } });
    // One every 67 ms: without them the other process would have been given the event by now.
    await waitUntil('signs of life over more than the time that the server waits', () => signs.count() >= 6);
    release.open();
    await settled();
    await signs.stop();
    expect(namesOf(seen)).toEqual(['slow']);
    expect(namesOf(other.seen)).toEqual(['next']);
  });

  it('that hangs keeps from other processes only the event that it hangs on', async () => {
    const release = gate();
    const { handler, seen } = recording();
    await start(async (delivery) => {
      await handler(delivery);
      if (delivery.event.data.name === 'slow') await release.opened;
    });
    await appendClaims(store, names(200, 'quick'));
    await waitUntil('the quick ones are handled', () => seen.length === 200);
    await appendClaims(store, ['slow', ...names(20)]);
    await waitUntil('the slow one runs', () => seen.length === 201);
    const other = recording();
    await start(other.handler);
    await waitUntil('the others are handled', () => other.seen.length === 20);
    release.open();
    await settled();
    expect(seen).toHaveLength(201);
    expect(namesOf(other.seen).sort()).toEqual(names(20).sort());
  });

  it('is finished before a closing service is gone', async () => {
    const { handler, seen } = recording();
    const release = gate();
    let finished = false;
    const service = await start(async (delivery) => {
      await handler(delivery);
      await release.opened;
      finished = true;
    });
    await appendClaims(store, ['running', 'waiting']);
    await waitUntil('it runs', () => seen.length === 1);
    const closed = service.close();
    release.open();
    await closed;
    expect(finished).toBe(true);
    const next = recording();
    await start(next.handler);
    await waitUntil('the other one is handled', () => next.seen.length === 1);
    expect(namesOf(next.seen)).toEqual(['waiting']);
  });

  it('begins with the next event when it is told to', async () => {
    const all = recording();
    const later = recording();
    await appendClaims(store, names(5, 'old'));
    await waitUntil('old ones are copied', () => relay.status.state === 'copying' && relay.status.next === 5n);
    await start(all.handler, { later: later.handler });
    await settled(LATER);
    await appendClaims(store, names(5, 'new'));
    await waitUntil('new ones are handled', () => all.seen.length === 10 && later.seen.length === 5);
    expect(namesOf(later.seen)).toEqual(names(5, 'new'));
  });

  it('lets other versions of its event pass by', async () => {
    const { handler, seen } = recording();
    await store.append([{ stream: 'experiment-name-x', expected: 'none', events: [{ ...nameClaimed('v2'), type: 'cairn.tracking.v2.ExperimentNameClaimed' }] }]);
    await appendClaims(store, ['v1']);
    await start(handler);
    await waitUntil('one is handled', () => seen.length === 1);
    await settled();
    expect(namesOf(seen)).toEqual(['v1']);
  });

  it('is counted', async () => {
    const handled: Handled[] = [];
    const { handler } = recording(({ attempt }) => {
      throw attempt === 1 ? new TypeError('defect') : new Terminate('never');
    });
    await start(handler, { onHandled: (one) => handled.push(one) });
    await appendClaims(store, ['poison', 'fine']);
    await waitUntil('three endings are counted', () => handled.length === 3);
    expect(handled.map(({ ending }) => ending)).toEqual(['retry', 'ack', 'dead-letter']);
  });
});

describe('a dead letter', () => {
  it('holds the event and says who could not do what', async () => {
    const { handler, seen } = recording(() => {
      throw new Terminate('The model "größer" is gone.\nNothing to do.');
    });
    await start(handler);
    await appendClaims(store, ['fine', 'poison', 'fine too']);
    const letter = await deadLetter('serving', 'on-name-claimed', 1n);
    await settled();
    const { events } = await store.readAll(0n);
    expect(letter.json()).toEqual(events[1]!.data);
    expect(letter.header.get('ce-id')).toBe(events[1]!.id);
    expect(decodeURIComponent(letter.header.get('cairn-dead-letter-reason'))).toBe('The model "größer" is gone.\nNothing to do.');
    expect(letter.header.get('cairn-dead-letter-handler')).toBe('on-name-claimed');
    expect(letter.header.get('cairn-dead-letter-subject')).toBe('cairn.tracking.experiment-name.ExperimentNameClaimed');
    expect(namesOf(seen)).toEqual(['fine', 'poison', 'fine too']);
  });

  it('comes of a refusal of the domain at once', async () => {
    const { handler, seen } = recording(() => {
      throw new DomainError('NAME_TAKEN', 'Somebody has it.', 'conflict');
    });
    await start(handler);
    await appendClaims(store, ['poison']);
    expect(decodeURIComponent((await deadLetter('serving', 'on-name-claimed', 0n)).header.get('cairn-dead-letter-reason'))).toBe('NAME_TAKEN: Somebody has it.');
    expect(seen).toHaveLength(1);
  });

  it('comes of a defect after so many failures', async () => {
    const { handler, seen } = recording(() => {
      throw new TypeError('x is undefined');
    });
    await start(handler);
    await appendClaims(store, ['poison']);
    expect(decodeURIComponent((await deadLetter('serving', 'on-name-claimed', 0n)).header.get('cairn-dead-letter-reason'))).toBe('Failed 3 times, at last: x is undefined');
    expect(seen).toHaveLength(3);
  });

  it('comes of a message that is no event', async () => {
    const { handler, seen } = recording();
    await start(handler);
    await waitUntil('the relay is there', () => relay.status.state === 'copying');
    const { nc } = await link.use(AbortSignal.timeout(60_000));
    const hdrs = headers();
    hdrs.append('ce-type', NAME_CLAIMED);
    await relay.stop();
    await nc.request('cairn.tracking.experiment-name.ExperimentNameClaimed', '{', { headers: hdrs, timeout: 5_000 });
    expect((await deadLetter('serving', 'on-name-claimed', 0n)).header.get('cairn-dead-letter-reason')).toMatch(/ce-id|JSON/);
    expect(seen).toEqual([]);
  });
});
