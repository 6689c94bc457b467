import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// eslint-disable-next-line @nx/enforce-module-boundaries -- The store must not know the servers that a laptop runs; this spec has to kill one.
import { startPostgres, type Postgres } from '@cairn/embedded';
import { waitUntil } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendAgain, appendFrom, appendWhile, type Load } from '../testing/appenders.js';
import { inconsistencies, unkept } from '../testing/consistency.js';
import { appendTo, followUntil, someEvent } from '../testing/events.js';
import { PostgresEventStore } from './postgres-event-store.js';

const WRITERS = 40;
const PER_WRITER = 30;
const KILLS = 10;
const APPENDS_BETWEEN_KILLS = 150;

describe('PostgreSQL is killed under load', () => {
  let directory: string;
  let postgres: Postgres;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'cairn-crash-'));
    postgres = await startPostgres({ dataDir: directory, fromTemplate: true });
  });
  afterEach(async () => {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each([
    ['and comes back while appends still wait', 30_000],
    ['and appends were given up before it came back', 50],
  ])('%s: what was acknowledged is there once, in order, and a follower missed nothing', async (_, giveUpAfterMs) => {
    const store = await PostgresEventStore.open({ url: postgres.url, limits: { giveUpAfterMs } });
    const follower = followUntil(store, (events) => events.length === WRITERS * PER_WRITER, { limit: 100 });
    const load = { acknowledged: [], unanswered: [] };
    const appending = appendFrom(store, WRITERS, PER_WRITER, load);
    for (let kills = 1; kills <= 2; kills += 1) {
      await waitUntil('some appends are acknowledged', () => load.acknowledged.length + load.unanswered.length > kills * 200);
      await postgres.kill();
      await postgres.restart();
    }
    await appending;
    await appendAgain(store, load);
    expect(load.acknowledged).toHaveLength(WRITERS * PER_WRITER);
    expect(await unkept(store, load.acknowledged)).toEqual([]);
    expect(await inconsistencies(store)).toEqual([]);
    const { events } = await follower;
    expect(events.map(({ position }) => position)).toEqual(events.map((_event, index) => BigInt(index)));
    await store.close();
  });

  it(`${KILLS} times, while two stores append: nothing acknowledged is lost, nothing is doubled, no position is left out`, async () => {
    const stores = await Promise.all([1, 2].map(() => PostgresEventStore.open({ url: postgres.url, limits: { giveUpAfterMs: 30_000 } })));
    const [store, other] = stores as [PostgresEventStore, PostgresEventStore];
    const load: Load = { acknowledged: [], unanswered: [] };
    const answered = (): number => load.acknowledged.length + load.unanswered.length;
    let isOver = false;
    const appending = Promise.all([store, other].map((appender) => appendWhile(appender, WRITERS / 2, () => !isOver, load)));
    let total = Number.POSITIVE_INFINITY;
    const follower = followUntil(other, (events) => events.length >= total);
    for (let kills = 0; kills < KILLS; kills += 1) {
      const before = answered();
      await waitUntil('appends are acknowledged again', () => answered() > before + APPENDS_BETWEEN_KILLS);
      await postgres.kill();
      await postgres.restart();
    }
    isOver = true;
    await appending;
    await appendAgain(store, load);
    expect(await unkept(store, load.acknowledged)).toEqual([]);
    expect(await inconsistencies(store)).toEqual([]);
    // Every event that was sent was acknowledged in the end, once.
    expect(await store.size()).toBe(BigInt(load.acknowledged.length));
    total = load.acknowledged.length;
    // So that a follower that has seen all of it looks once more.
    await store.append([appendTo('thing-last', 'none', someEvent())]);
    const { events } = await follower;
    expect(events.map(({ position }) => position)).toEqual(events.map((_event, index) => BigInt(index)));
    await Promise.all(stores.map((opened) => opened.close()));
  });
});
