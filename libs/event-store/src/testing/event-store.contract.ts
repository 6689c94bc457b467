import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@cairn/kernel';
import type { EventStore, StoredEvent } from '../event-store.js';
import { inconsistencies } from './consistency.js';
import { appendTo, followUntil, someEvent, someEvents, wholeLog } from './events.js';

export interface StoreUnderTest {
  readonly store: EventStore;
  /** The same log as another process has it; the store itself, where no other process can. */
  readonly other: EventStore;
  close(): Promise<void>;
}

/** What every adapter promises. */
export function eventStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the contract of the event store`, () => {
    let test: StoreUnderTest;
    let store: EventStore;
    let other: EventStore;
    let storeClosed = false;
    const conflict = expect.objectContaining({ code: 'REVISION_CONFLICT' });
    const invalid = expect.objectContaining({ code: 'INVALID_EVENT' });

    beforeEach(async () => {
      test = await open();
      ({ store, other } = test);
      storeClosed = false;
    });
    afterEach(async () => {
      if (!storeClosed) expect(await inconsistencies(store)).toEqual([]);
      await test.close();
    });

    describe('append', () => {
      it('answers with the place of the last event', async () => {
        expect(await store.append([appendTo('thing-a', 'none', ...someEvents(3))])).toEqual([{ stream: 'thing-a', revision: 2n, position: 2n }]);
        expect(await store.append([appendTo('thing-a', 2n, someEvent())])).toEqual([{ stream: 'thing-a', revision: 3n, position: 3n }]);
        expect(await store.size()).toBe(4n);
      });

      it('gives back what was stored', async () => {
        const plain = someEvent({ z: [1, null, 'é'], a: { nested: 0.1 } });
        const event = { ...plain, meta: { ...plain.meta, actor: { principal: 'bot', onBehalfOf: 'bob' }, causationId: newId(), traceparent: '00-a-b-01' } };
        await store.append([appendTo('thing-a', 'none', event)]);
        const { id, type, data, meta } = event;
        const time = expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/);
        expect(await store.readStream('thing-a')).toEqual([{ position: 0n, stream: 'thing-a', revision: 0n, id, type, time, data, ...meta }]);
      });

      it('makes nothing of nothing', async () => {
        expect(await store.append([])).toEqual([]);
        await expect(store.append([appendTo('thing-a', 'any')])).rejects.toEqual(invalid);
      });

      it.each([
        ['none', 'none', true],
        ['none', 'exists', false],
        ['none', 'any', true],
        ['none', 0n, false],
        ['two events', 'none', false],
        ['two events', 'exists', true],
        ['two events', 'any', true],
        ['two events', 0n, false],
        ['two events', 1n, true],
        ['two events', 2n, false],
      ] as const)('to a stream with %s, expecting %s: %s', async (present, expected, stored) => {
        if (present === 'two events') await store.append([appendTo('thing-a', 'none', ...someEvents(2))]);
        const size = await store.size();
        const attempt = other.append([appendTo('thing-a', expected, someEvent())]);
        if (stored) expect(await attempt).toMatchObject([{ position: size }]);
        else await expect(attempt).rejects.toEqual(conflict);
        expect(await store.size()).toBe(stored ? size + 1n : size);
      });

      it('notices what another process has appended meanwhile', async () => {
        await store.append([appendTo('thing-a', 'none', someEvent())]);
        await other.append([appendTo('thing-a', 0n, someEvent())]);
        await expect(store.append([appendTo('thing-a', 0n, someEvent())])).rejects.toEqual(conflict);
        await expect(store.append([appendTo('thing-a', 1n, someEvent())])).resolves.toMatchObject([{ revision: 2n }]);
        await expect(other.append([appendTo('thing-a', 'any', someEvent())])).resolves.toMatchObject([{ revision: 3n }]);
        await expect(store.append([appendTo('thing-a', 'any', someEvent())])).resolves.toMatchObject([{ revision: 4n }]);
      });

      it('lets a conflict hurt its owner alone', async () => {
        await other.append([appendTo('thing-3', 'none', someEvent())]);
        const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => store.append([appendTo(`thing-${index}`, 'none', someEvent())])));
        expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map((_, index) => (index === 3 ? 'rejected' : 'fulfilled')));
        expect(outcomes[3]).toMatchObject({ reason: conflict });
      });

      it('lets one of many who expect the same revision win', async () => {
        const outcomes = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? store : other).append([appendTo('thing-a', 'none', someEvent())])));
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toEqual(conflict);
      });

      it('chains appends to one stream that arrive together', async () => {
        const results = await Promise.all([0n, 1n, 2n, 3n].map((revision) => store.append([appendTo('thing-a', revision === 0n ? 'none' : revision - 1n, someEvent())])));
        expect(results.map(([result]) => result?.revision)).toEqual([0n, 1n, 2n, 3n]);
      });

      it('refuses what can not be stored, and nothing else', async () => {
        const outcomes = await Promise.allSettled([
          store.append([appendTo('thing-a', 'none', someEvent())]),
          store.append([appendTo('thing-b', 'none', someEvent(), someEvent({ text: 'x'.repeat(61 * 1024) }))]),
          store.append([appendTo('thing-c', 'none', someEvent({ number: NaN }))]),
          store.append([appendTo('thing-d', 'none', someEvent({ nul: '\0' }))]),
          store.append([appendTo('thing-e', 'none', someEvent({ long: 'é'.repeat(20_000) }))]),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled']);
        for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toEqual(invalid);
        expect(await store.readStream('thing-b')).toEqual([]);
      });
    });

    it('refuses an append over the limits at once', async () => {
      const events = someEvents(10_001);
      await expect(store.append([appendTo('thing-a', 'none', ...events)])).rejects.toEqual(invalid);
      const large = Array.from({ length: 300 }, () => someEvent({ text: 'x'.repeat(58 * 1024) }));
      await expect(store.append([appendTo('thing-a', 'none', ...large)])).rejects.toEqual(invalid);
      expect(await store.size()).toBe(0n);
    });

    describe('append to several streams', () => {
      it('stores all, one after the other', async () => {
        expect(await store.append([appendTo('thing-a', 'none', ...someEvents(2)), appendTo('claim-a', 'none', someEvent())])).toEqual([
          { stream: 'thing-a', revision: 1n, position: 1n },
          { stream: 'claim-a', revision: 0n, position: 2n },
        ]);
      });

      it('stores nothing when one of them is not as expected', async () => {
        await other.append([appendTo('claim-a', 'none', someEvent())]);
        const outcomes = await Promise.allSettled([
          store.append([appendTo('thing-a', 'none', someEvent()), appendTo('claim-a', 'none', someEvent())]),
          store.append([appendTo('thing-b', 'none', someEvent()), appendTo('claim-b', 'none', someEvent())]),
        ]);
        expect(outcomes).toMatchObject([{ reason: conflict }, { status: 'fulfilled' }]);
        expect(await store.readStream('thing-a')).toEqual([]);
        await expect(store.append([appendTo('thing-a', 'none', someEvent())])).resolves.toMatchObject([{ revision: 0n }]);
      });

      it('may name a stream twice', async () => {
        expect(await store.append([appendTo('thing-a', 'none', someEvent()), appendTo('thing-a', 0n, someEvent())])).toMatchObject([{ revision: 0n }, { revision: 1n }]);
      });
    });

    describe('append of ids that are stored', () => {
      it('answers with their places, whatever is expected, and stores nothing', async () => {
        const appends = [appendTo('thing-a', 'none', ...someEvents(2)), appendTo('claim-a', 'none', someEvent())];
        const first = await store.append(appends);
        await store.append([appendTo('thing-a', 1n, someEvent())]);
        const repeated = first.map((place) => ({ ...place, repeated: true }));
        expect(await store.append(appends)).toEqual(repeated);
        expect(await other.append(appends)).toEqual(repeated);
        expect(await other.append(appends.map((append) => ({ ...append, expected: 'any' as const })))).toEqual(repeated);
        expect(await store.size()).toBe(4n);
      });

      it('holds for the same append sent several times at once', async () => {
        const append = appendTo('thing-a', 'none', ...someEvents(2));
        const results = await Promise.all([store, store, other, store, other].map((appender) => appender.append([append])));
        expect(results).toMatchObject(results.map(() => [{ stream: 'thing-a', revision: 1n, position: 1n }]));
        expect(results.filter(([result]) => result?.repeated !== true)).toHaveLength(1);
        expect(await store.size()).toBe(2n);
      });

      it('is a conflict when only some of them are', async () => {
        const [known, fresh] = [someEvent(), someEvent()];
        await store.append([appendTo('thing-a', 'none', known)]);
        await expect(store.append([appendTo('thing-a', 'any', known, fresh)])).rejects.toEqual(conflict);
        await expect(other.append([appendTo('thing-a', 'any', known, fresh)])).rejects.toEqual(conflict);
      });

      it('is refused when another stream has them, and when one append has an id twice', async () => {
        const event = someEvent();
        await store.append([appendTo('thing-a', 'none', event)]);
        await expect(store.append([appendTo('thing-b', 'none', event)])).rejects.toEqual(invalid);
        const twice = someEvent();
        await expect(store.append([appendTo('thing-c', 'none', twice, twice)])).rejects.toEqual(invalid);
      });
    });

    describe('many at once', () => {
      it('gives 1,000 concurrent appenders dense positions', async () => {
        const results = await Promise.all(
          Array.from({ length: 1_000 }, (_, index) => (index % 3 === 0 ? other : store).append([appendTo(`thing-${index % 100}`, 'any', someEvent({ index }))])),
        );
        const positions = results.map(([result]) => result?.position ?? -1n).sort((a, b) => Number(a - b));
        expect(positions).toEqual(Array.from({ length: 1_000 }, (_, index) => BigInt(index)));
      });

      it('never lets a reader skip an append that was under way', async () => {
        const total = 600;
        const readers = [store, other].map((reader) => followUntil(reader, (events) => events.length >= total, { limit: 7 }));
        await Promise.all(Array.from({ length: total }, (_, index) => (index % 2 === 0 ? other : store).append([appendTo(`thing-${index % 10}`, 'any', someEvent())])));
        const log = await wholeLog(store);
        for (const { events } of await Promise.all(readers)) expect(events).toEqual(log);
      });
    });

    describe('readStream', () => {
      const revisions = (events: readonly StoredEvent[]) => events.map(({ revision }) => Number(revision));
      beforeEach(async () => {
        await store.append([appendTo('thing-a', 'none', ...someEvents(5)), appendTo('thing-ab', 'none', someEvent())]);
      });

      it('reads forwards and backwards, from anywhere, a piece at a time', async () => {
        expect(revisions(await store.readStream('thing-a'))).toEqual([0, 1, 2, 3, 4]);
        expect(revisions(await store.readStream('thing-a', { from: 1n, limit: 2 }))).toEqual([1, 2]);
        expect(revisions(await store.readStream('thing-a', { from: 5n }))).toEqual([]);
        expect(revisions(await store.readStream('thing-a', { direction: 'backwards' }))).toEqual([4, 3, 2, 1, 0]);
        expect(revisions(await store.readStream('thing-a', { direction: 'backwards', from: 2n, limit: 2 }))).toEqual([2, 1]);
        expect(revisions(await other.readStream('thing-a', { direction: 'backwards', limit: 1 }))).toEqual([4]);
      });

      it('reads a stream that is not there as empty', async () => {
        expect(await store.readStream('thing-z')).toEqual([]);
        expect(await store.readStream('thing-z', { direction: 'backwards' })).toEqual([]);
      });

      it('answers many at once, each with its own', async () => {
        const answers = await Promise.all(['thing-a', 'thing-z', 'thing-ab', 'thing-a'].map((stream, index) => store.readStream(stream, { limit: index + 1 })));
        const found = answers.map((events) => events.map(({ stream, revision }) => `${stream} ${revision}`));
        expect(found).toEqual([['thing-a 0'], [], ['thing-ab 0'], ['thing-a 0', 'thing-a 1', 'thing-a 2', 'thing-a 3']]);
      });
    });

    describe('readAll and readRecords', () => {
      beforeEach(async () => {
        for (let index = 0; index < 9; index += 1) {
          await store.append([appendTo(index % 3 === 0 ? `run-${index}` : `model-${index}`, 'none', someEvent({ index }, `cairn.test.v1.Type${index % 2}`))]);
        }
      });

      it('page through the log in order', async () => {
        const first = await store.readAll(0n, { limit: 4 });
        expect(first.events.map(({ position }) => position)).toEqual([0n, 1n, 2n, 3n]);
        expect(first.next).toBe(4n);
        expect(await store.readAll(9n)).toEqual({ events: [], next: 9n });
        expect((await wholeLog(other, 2)).map(({ data }) => data['index'])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      });

      it('give the exact bytes that were hashed', async () => {
        const page = await store.readRecords(3n, { limit: 2 });
        expect(page.next).toBe(5n);
        expect(page.events.map(({ stream, revision, leaf }) => [stream, revision, leaf.length])).toEqual([['run-3', 0n, 32], ['model-4', 0n, 32]]);
        expect(page.events[0]).toMatchObject({ position: 3n, type: 'cairn.test.v1.Type1', body: expect.stringContaining('"subject":"run-3"') });
      });

      it('leave out what the filter does not want, and say how far they looked', async () => {
        const positions = async (filter: { types?: string[]; streamPrefixes?: string[] }, limit?: number) => {
          const page = await store.readAll(0n, { filter, limit });
          return [page.events.map(({ position }) => Number(position)), Number(page.next)];
        };
        expect(await positions({ types: ['cairn.test.v1.Type1'] })).toEqual([[1, 3, 5, 7], 9]);
        expect(await positions({ streamPrefixes: ['run-'] })).toEqual([[0, 3, 6], 9]);
        expect(await positions({ streamPrefixes: ['run-', 'model-1'], types: ['cairn.test.v1.Type1'] })).toEqual([[1, 3], 9]);
        expect(await positions({ streamPrefixes: ['run-'] }, 2)).toEqual([[0, 3], 4]);
        expect(await positions({ types: ['cairn.test.v1.Never'] })).toEqual([[], 9]);
        expect(await positions({ streamPrefixes: ['run-%'] })).toEqual([[], 9]);
        expect((await store.readAll(20n, { filter: { types: [] } })).next).toBe(20n);
      });
    });

    describe('follow', () => {
      it('reads what is there, then what this process and another append', async () => {
        await store.append([appendTo('thing-a', 'none', ...someEvents(3))]);
        const follower = followUntil(store, (events) => events.length >= 5, { from: 1n, limit: 1 });
        await store.append([appendTo('thing-a', 2n, someEvent())]);
        await other.append([appendTo('thing-a', 3n, someEvent())]);
        await other.append([appendTo('thing-a', 4n, someEvent())]);
        expect((await follower).events.map(({ position }) => position)).toEqual([1n, 2n, 3n, 4n, 5n]);
      });

      it('yields how far it looked even when the filter leaves nothing', async () => {
        await store.append([appendTo('thing-a', 'none', ...someEvents(3))]);
        const abort = new AbortController();
        const nexts: bigint[] = [];
        for await (const page of store.follow(0n, { filter: { types: ['cairn.test.v1.Wanted'] }, signal: abort.signal })) {
          nexts.push(page.next);
          expect(page.events.map(({ position }) => position)).toEqual(page.next === 4n ? [3n] : []);
          if (page.next === 3n) await other.append([appendTo('thing-a', 2n, someEvent({}, 'cairn.test.v1.Wanted'))]);
          if (page.next === 4n) abort.abort();
        }
        expect(nexts).toEqual([3n, 4n]);
      });

      it('gives records too', async () => {
        const abort = new AbortController();
        await store.append([appendTo('thing-a', 'none', ...someEvents(2))]);
        for await (const page of store.followRecords(1n, { signal: abort.signal })) {
          expect(page.events.map(({ position, leaf }) => [position, leaf.length])).toEqual([[1n, 32]]);
          abort.abort();
        }
      });

      it('ends when it is aborted, asleep or not', async () => {
        const abort = new AbortController();
        const pages = async () => {
          let count = 0;
          for await (const page of store.follow(0n, { signal: abort.signal })) count += page.events.length;
          return count;
        };
        const asleep = pages();
        abort.abort();
        expect(await asleep).toBe(0);
        expect(await pages()).toBe(0);
      });
    });

    it('ends its followers and says UNAVAILABLE once it is closed', async () => {
      storeClosed = true;
      const following = followUntil(store, () => false);
      await store.close();
      await following;
      const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' });
      await expect(store.append([appendTo('thing-a', 'any', someEvent())])).rejects.toEqual(unavailable);
      await expect(store.readAll(0n)).rejects.toEqual(unavailable);
      await store.close();
    });
  });
}
