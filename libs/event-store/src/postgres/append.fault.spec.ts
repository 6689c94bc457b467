import { createDatabase, type TestDatabase } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendAgain, appendFrom } from '../testing/appenders.js';
import { inconsistencies, unkept } from '../testing/consistency.js';
import { CuttingProxy, type Cut } from '../testing/cutting-proxy.js';
import { appendTo, someEvent } from '../testing/events.js';
import { terminateSessions } from '../testing/session.js';
import { PostgresEventStore } from './postgres-event-store.js';

const APPEND = 'cairn_append';

describe('the connection to PostgreSQL is cut during an append', () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  let direct: PostgresEventStore;
  let store: PostgresEventStore;
  beforeEach(async () => {
    database = await createDatabase();
    proxy = await CuttingProxy.start(database.url);
    direct = await PostgresEventStore.open({ url: database.url });
    store = await PostgresEventStore.open({ url: proxy.url, limits: { answerTimeoutMs: 300 } });
  });
  afterEach(async () => {
    await Promise.all([store.close(), direct.close()]);
    await proxy.stop();
    await database.drop();
  });

  const moments: [string, Cut, number][] = [
    ['before it was stored', 'before', 0],
    ['after it was stored, and the answer is lost', 'after', 1],
    ['without a word, before it was stored', 'silent', 0],
  ];
  describe.each(moments)('%s', (_, cut, storedAtCut) => {
    it('stores a single append once and acknowledges it', async () => {
      const met = proxy.cutNext(APPEND, cut).then(() => direct.size());
      const event = someEvent();
      expect(await store.append([appendTo('thing-a', 'none', event)])).toMatchObject([{ stream: 'thing-a', revision: 0n, position: 0n }]);
      expect(await met).toBeGreaterThanOrEqual(BigInt(storedAtCut));
      expect(await direct.size()).toBe(1n);
      expect(await inconsistencies(direct)).toEqual([]);
    });

    it('tells the winner and the losers of one revision apart', async () => {
      void proxy.cutNext(APPEND, cut);
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => store.append([appendTo('thing-a', 'none', someEvent())])));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'REVISION_CONFLICT' });
      expect(await direct.size()).toBe(1n);
    });

    it('keeps every acknowledged event once, in order, when it happens again and again under load', async () => {
      let cutsLeft = 5;
      const cuts = (async () => {
        for (; cutsLeft > 0; cutsLeft -= 1) await proxy.cutNext(APPEND, cut);
      })();
      const load = await appendFrom(store, 50, 8);
      while (cutsLeft > 0) await appendFrom(store, 1, 1, load);
      await cuts;
      expect(load.unanswered).toEqual([]);
      expect(load.acknowledged.length).toBeGreaterThanOrEqual(400);
      expect(await unkept(direct, load.acknowledged)).toEqual([]);
      expect(await inconsistencies(direct)).toEqual([]);
      expect(await direct.size()).toBe(BigInt(load.acknowledged.length));
    });
  });

  it('and for longer than an append waits: it says UNAVAILABLE, and the same ids may be sent again, stored or not', async () => {
    const impatient = await PostgresEventStore.open({ url: proxy.url, limits: { giveUpAfterMs: 100 } });
    const [stored, lost] = [someEvent(), someEvent()];
    const isolated = proxy.cutNext(APPEND, 'after').then(() => proxy.isolate());
    const attempt = (event = stored) => impatient.append([appendTo(`thing-${event.id}`, 'none', event)]);
    await expect(attempt()).rejects.toEqual(expect.objectContaining({ code: 'UNAVAILABLE' }));
    await isolated;
    await expect(attempt(lost)).rejects.toEqual(expect.objectContaining({ code: 'UNAVAILABLE' }));
    expect(await direct.size()).toBe(1n);
    proxy.restore();
    expect([await attempt(), await attempt(lost)]).toMatchObject([[{ position: 0n }], [{ position: 1n }]]);
    expect(await direct.size()).toBe(2n);
    await impatient.close();
  });

  it('by an administrator, over and over, from two processes: nothing is lost, doubled or reordered', async () => {
    const running = Promise.all([appendFrom(store, 20, 40), appendFrom(direct, 20, 40)]);
    let over = false;
    void running.finally(() => (over = true));
    for (let kills = 0; kills < 25 && !over; kills += 1) await terminateSessions(database.url, 'appends');
    for (const load of await running) {
      await appendAgain(direct, load);
      expect(await unkept(direct, load.acknowledged)).toEqual([]);
    }
    expect(await direct.size()).toBe(1_600n);
    expect(await inconsistencies(direct)).toEqual([]);
  });
});
