import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ObjectStore } from '@cairn/object-store';
import { createDatabase, tempDir, waitUntil } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventFilter } from '../../event-store.js';
import { allRecords, ArchivedLog, rootOf } from '../../testing/archived-log.js';
import { inconsistencies } from '../../testing/consistency.js';
import { appendTo, followUntil, someEvent, wholeLog } from '../../testing/events.js';
import { withSession } from '../../testing/session.js';
import { PostgresEventStore } from '../postgres-event-store.js';

const EVENTS = 60;
const BORDER = 33n;
const limits = { maxEvents: 7 };

describe('a log whose earlier part is archived', () => {
  let log: ArchivedLog;
  let store: PostgresEventStore;
  beforeEach(async () => {
    log = await ArchivedLog.open(await createDatabase(), tempDir('archive'));
    store = await log.store();
    await log.fill(store, EVENTS);
  });
  afterEach(() => log.close());

  it('reads the same from every position, in pages of every size, over the border', async () => {
    const [events, records] = [await wholeLog(store), await allRecords(store)];
    await log.archive(BORDER, { limits });
    expect(await log.state()).toEqual({ bodies: EVENTS - Number(BORDER), archived: Number(BORDER), size: EVENTS });
    for (const limit of [1, 2, 8, 100]) {
      for (let from = 0; from <= EVENTS; from += 1) {
        const expected = { next: BigInt(Math.min(from + limit, EVENTS)) };
        expect(await store.readAll(BigInt(from), { limit })).toEqual({ events: events.slice(from, from + limit), ...expected });
        expect(await store.readRecords(BigInt(from), { limit })).toEqual({ events: records.slice(from, from + limit), ...expected });
      }
    }
    expect(await inconsistencies(store)).toEqual([]);
  });

  it('reads the same by stream, by filter and by follower', async () => {
    const filters: EventFilter[] = [
      { types: ['cairn.test.v1.Rare'] },
      { streamPrefixes: ['run-'] },
      { streamPrefixes: ['model-1', 'run-0'] },
      { types: ['cairn.test.v1.Type1', 'cairn.test.v1.Rare'], streamPrefixes: ['model-'] },
    ];
    const observe = async () => ({
      streams: await Promise.all(['run-0', 'run-2', 'model-3', 'model-0', 'nothing'].map((stream) => store.readStream(stream))),
      middle: await store.readStream('model-1', { from: 5n, limit: 4 }),
      backwards: await store.readStream('model-1', { direction: 'backwards' }),
      someBackwards: await store.readStream('run-1', { direction: 'backwards', from: 2n, limit: 2 }),
      filtered: await Promise.all(filters.flatMap((filter) => [0n, 20n, 32n, 40n].map((from) => store.readAll(from, { filter, limit: 9 })))),
      followed: (await followUntil(store, (events) => events.length === EVENTS - 3, { from: 3n, limit: 4 })).events,
      rare: (await followUntil(store, (events) => events.length === 4, { limit: 2, filter: { types: ['cairn.test.v1.Rare'] } })).events,
    });
    const before = await observe();
    await log.archive(BORDER, { limits });
    expect(await observe()).toEqual(before);
  });

  it('has the same root, archived in part or whole', async () => {
    const root = await rootOf(store);
    for (const border of [1n, 20n, BigInt(EVENTS)]) {
      await log.archive(border, { limits });
      expect(await rootOf(store)).toBe(root);
    }
    expect(await log.state()).toMatchObject({ bodies: 0 });
  });

  it('answers the ids of archived events with their places, and goes on at the revisions that follow', async () => {
    const append = appendTo('thing-a', 'none', someEvent(), someEvent());
    const first = await store.append([append]);
    await log.archive(BigInt(EVENTS) + 2n, { limits });
    const repeated = first.map((place) => ({ ...place, repeated: true }));
    expect(await store.append([append])).toEqual(repeated);
    expect(await (await log.store()).append([append])).toEqual(repeated);
    await expect((await log.store()).append([appendTo('thing-a', 'none', someEvent())])).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    await expect((await log.store()).append([appendTo('thing-b', 'none', ...append.events)])).rejects.toMatchObject({ code: 'INVALID_EVENT' });
    expect(await store.append([appendTo('thing-a', 1n, someEvent())])).toEqual([{ stream: 'thing-a', revision: 2n, position: BigInt(EVENTS) + 2n }]);
  });

  it('is archived under a follower and a reader that are at work, which miss nothing', async () => {
    const expected = await wholeLog(store);
    const other = await log.store();
    const follower = followUntil(other, (events) => events.length === EVENTS, { limit: 1 });
    for (let border = 5n; border <= BigInt(EVENTS); border += 5n) {
      await Promise.all([log.archive(border, { limits }), allRecords(store, 3)]);
    }
    expect((await follower).events).toEqual(expected);
  });

  describe('and its object store', () => {
    /** Counts what is asked of it, and answers no sooner than it may. */
    class CountedObjects implements Pick<ObjectStore, 'read'> {
      fetches = 0;

      constructor(
        private readonly inner: ObjectStore,
        private readonly mayAnswer = Promise.resolve(),
      ) {}

      async read(...args: Parameters<ObjectStore['read']>): Promise<Buffer> {
        this.fetches += 1;
        await this.mayAnswer;
        return this.inner.read(...args);
      }
    }

    it('is asked once for each segment by readers who come together, and not again while it is remembered', async () => {
      await log.archive(BORDER, { limits: { maxEvents: 20 } });
      let answer = (): void => undefined;
      const objects = new CountedObjects(log.objects, new Promise((resolve) => (answer = resolve)));
      const reader = await log.store({ archive: { objects } });
      const readers = [reader.readAll(0n, { limit: 5 }), reader.readAll(3n, { limit: 5 }), reader.readRecords(1n, { limit: 5 }), reader.readAll(10n, { limit: 5 })];
      await waitUntil('a reader asks', () => objects.fetches > 0);
      answer();
      await Promise.all(readers);
      expect(objects.fetches).toBe(1);
      await wholeLog(reader);
      await wholeLog(reader);
      expect(objects.fetches).toBe(2);
    });

    it('is asked again for what the memory had no room for', async () => {
      await log.archive(BORDER, { limits: { maxEvents: 20 } });
      const objects = new CountedObjects(log.objects);
      const reader = await log.store({ archive: { objects, cacheBytes: 1_000 } });
      expect(await wholeLog(reader)).toEqual(await wholeLog(store));
      await wholeLog(reader);
      expect(objects.fetches).toBe(4);
    });

    it('is not asked, nor the database for segments, by those who read what is not archived', async () => {
      await log.archive(BORDER, { limits });
      const reader = await log.store({ archive: { objects: new CountedObjects(log.objects) } });
      await withSession(log.database.url, (client) => client.query('ALTER TABLE event_store.archived_segments RENAME TO elsewhere'));
      expect((await reader.readAll(BORDER)).events).toHaveLength(EVENTS - Number(BORDER));
      await withSession(log.database.url, (client) => client.query('ALTER TABLE event_store.elsewhere RENAME TO archived_segments'));
    });

    it('is away for a while: UNAVAILABLE, and a follower waits for it', async () => {
      await log.archive(BORDER, { limits });
      let away = true;
      const objects: Pick<ObjectStore, 'read'> = {
        read: (...args) => (away ? Promise.reject(Object.assign(new Error('away'), { code: 'UNAVAILABLE' })) : log.objects.read(...args)),
      };
      const reader = await log.store({ archive: { objects } });
      await expect(reader.readAll(0n, { limit: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('positions 0 to 6') });
      await expect(reader.readStream('model-1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      const follower = followUntil(reader, (events) => events.length === EVENTS);
      away = false;
      expect((await follower).events).toHaveLength(EVENTS);
    });

    it('was not handed in: it says so, and what is not archived can be read', async () => {
      await log.archive(BORDER, { limits });
      const reader = await PostgresEventStore.open({ url: log.database.url });
      await expect(reader.readAll(0n)).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE', message: expect.stringContaining('not given the object store') });
      expect((await reader.readAll(BORDER)).events).toHaveLength(EVENTS - Number(BORDER));
      await reader.close();
    });
  });

  describe('is damaged', () => {
    const unreadable = (positions: string) => expect.objectContaining({ code: 'ARCHIVE_UNREADABLE', message: expect.stringContaining(positions) });
    /** A reader that remembers nothing. */
    const expectOnlyLaterOnes = async (positions: string, from: bigint) => {
      const reader = await log.store();
      await expect(reader.readAll(0n)).rejects.toEqual(unreadable(positions));
      await expect(reader.readRecords(0n)).rejects.toEqual(unreadable(positions));
      await expect(followUntil(reader, () => false)).rejects.toEqual(unreadable(positions));
      expect(await reader.readAll(from)).toEqual(await store.readAll(from));
    };
    const objectFile = async (first: number): Promise<string> => {
      const [row] = await log.query(`SELECT digest FROM event_store.archived_segments WHERE first_position = ${first}`);
      const hex = String(row?.['digest']).slice('sha256:'.length);
      return join(fileURLToPath(log.objectsUrl), 'sha256', hex.slice(0, 2), hex);
    };
    const asFalsifier = (sql: string) =>
      log.query(`ALTER TABLE event_store.events DISABLE TRIGGER ALL; ALTER TABLE event_store.archived_segments DISABLE TRIGGER ALL; ${sql}`);
    beforeEach(async () => {
      await log.archive(BORDER, { limits });
      await wholeLog(store);
    });

    it('where an object is missing: it names the positions, and the rest can be read', async () => {
      await rm(await objectFile(7));
      await expectOnlyLaterOnes('positions 7 to 13', 14n);
    });

    it('where an object has other bytes', async () => {
      const path = await objectFile(14);
      await chmod(path, 0o644);
      await writeFile(path, await objectFile(0));
      await expectOnlyLaterOnes('positions 14 to 20', 21n);
    });

    it('where a segment was exchanged for another, as long and stored as well', async () => {
      await asFalsifier(`UPDATE event_store.archived_segments SET (digest, object_bytes, text_bytes) =
        (SELECT digest, object_bytes, text_bytes FROM event_store.archived_segments WHERE first_position = 7) WHERE first_position = 0`);
      await expectOnlyLaterOnes('position 0 has another leaf hash', 7n);
    });

    it('where a leaf was changed', async () => {
      await asFalsifier(`UPDATE event_store.events SET leaf = sha256('') WHERE position = 5`);
      await expectOnlyLaterOnes('position 5 has another leaf hash', 6n);
    });

    it('where a body was taken out that is in no segment', async () => {
      await asFalsifier('UPDATE event_store.events SET body = NULL WHERE position = 40');
      await expect((await log.store()).readAll(34n)).rejects.toEqual(unreadable('position 40 has no text'));
    });

    it('where the list of segments was cut', async () => {
      await asFalsifier('DELETE FROM event_store.archived_segments WHERE first_position >= 21');
      await expectOnlyLaterOnes('position 21 has no text', BORDER);
    });

    it('in the object store, and is whole again when the object is put back', async () => {
      const path = await objectFile(0);
      const bytes = await readFile(path);
      await rm(path);
      const reader = await log.store();
      await expect(reader.readAll(0n)).rejects.toEqual(unreadable('positions 0 to 6'));
      await log.objects.put(bytes);
      expect(await wholeLog(reader)).toEqual(await wholeLog(store));
    });
  });
});
