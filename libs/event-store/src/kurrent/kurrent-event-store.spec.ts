import { FixedClock } from '@cairn/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { appendAgain, appendFrom } from '../testing/appenders.js';
import { inconsistencies, unkept } from '../testing/consistency.js';
import { eventStoreContract } from '../testing/event-store.contract.js';
import { appendTo, someEvent, someEvents, wholeLog } from '../testing/events.js';
import { KurrentStandIn } from '../testing/kurrent-stand-in.js';
import { KurrentEventStore } from './kurrent-event-store.js';

eventStoreContract('KurrentDB’s adapter over a stand-in for the server', async () => {
  const server = new KurrentStandIn();
  const [store, other] = [new KurrentEventStore(server.connect()), new KurrentEventStore(server.connect())];
  return {
    store,
    other,
    close: async () => {
      await Promise.all([store.close(), other.close()]);
    },
  };
});

describe('the adapter to KurrentDB', () => {
  let server: KurrentStandIn;
  let store: KurrentEventStore;
  beforeEach(() => {
    server = new KurrentStandIn();
    store = new KurrentEventStore(server.connect(), { clock: new FixedClock('2026-01-02T03:04:05.000006Z') });
  });

  it.each([
    ['was not stored', 'unavailable', false],
    ['was stored, and the answer is lost', 'deadline-exceeded', true],
  ])('stores an append once whose transaction %s', async (_, type, stored) => {
    server.failNext(type, stored);
    const appends = [appendTo('thing-a', 'none', ...someEvents(2)), appendTo('claim-a', 'none', someEvent())];
    expect(await store.append(appends)).toMatchObject([{ revision: 1n, position: 1n }, { revision: 0n, position: 2n }]);
    expect(await store.size()).toBe(3n);
    expect(await inconsistencies(store)).toEqual([]);
  });

  it('keeps every acknowledged event once while two processes append and the server fails now and then', async () => {
    const other = new KurrentEventStore(server.connect());
    const loads = await Promise.all(
      [store, other].map(async (appender, index) => {
        const load = await appendFrom(appender, 5, 2);
        for (let round = 0; round < 10; round += 1) {
          server.failNext('unavailable', round % 2 === index);
          await appendFrom(appender, 5, 2, load);
        }
        return appendAgain(appender, load);
      }),
    );
    for (const load of loads) expect(await unkept(store, load.acknowledged)).toEqual([]);
    expect(await store.size()).toBe(220n);
    expect(await inconsistencies(other)).toEqual([]);
  });

  it('says INVALID_EVENT when one append is too large for a transaction', async () => {
    server.failNext('transaction-max-size-exceeded', false);
    await expect(store.append([appendTo('thing-a', 'none', someEvent())])).rejects.toEqual(expect.objectContaining({ code: 'INVALID_EVENT' }));
  });

  it('gives up at once what the server refuses', async () => {
    server.failNext('access-denied', false);
    await expect(store.append([appendTo('thing-a', 'none', someEvent())])).rejects.toEqual(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  it('shares a server with another log', async () => {
    const another = new KurrentEventStore(server.connect(), { namespace: 'other' });
    const event = someEvent();
    expect(await store.append([appendTo('thing-a', 'none', event)])).toEqual(await another.append([appendTo('thing-a', 'none', event)]));
    expect([await wholeLog(store), await wholeLog(another)]).toMatchObject([[{ position: 0n }], [{ position: 0n }]]);
  });

  it('finds its place in $all after a start, wherever it is asked to read', async () => {
    for (let index = 0; index < 40; index += 1) await store.append([appendTo(`thing-${index % 3}`, 'any', ...someEvents(1 + (index % 4)))]);
    const log = await wholeLog(store);
    expect(log).toHaveLength(100);
    for (let from = 0; from <= 100; from += 7) {
      const restarted = new KurrentEventStore(server.connect());
      expect((await restarted.readAll(BigInt(from), { limit: 200 })).events).toEqual(log.slice(from));
    }
  });

  it('shows an edited event by its leaf', async () => {
    await store.append([appendTo('thing-a', 'none', ...someEvents(3))]);
    server.tamper('cairn:thing-a', 1, { index: 99 });
    expect(await inconsistencies(store)).toEqual(['the record at 1 does not verify']);
  });
});
