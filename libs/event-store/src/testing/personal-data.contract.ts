import { decodeEvent, ERASED, SEALED, type EventOf, type tracking } from '@cairn/contracts';
import { MerkleTree } from '@cairn/transparency';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventStore, NewEvent, StoredEvent, StoredRecord } from '../event-store.js';
import { parseRecord, verifyRecord } from '../record.js';
import { appendTo, followUntil, someEvent } from './events.js';

type RunStarted = EventOf<tracking.RunStarted>;

// With a blank, so that neither can be met by chance in hexadecimal or base64.
const ADA = 'Ada Lovelace';
const BOB = 'Bob Zimmer';

export interface PersonalLog {
  /** The same log, opened by a process that has just started: it remembers no key. */
  open(): Promise<EventStore>;
  eraseSubject(subject: string): Promise<boolean>;
  close(): Promise<void>;
}

const started = (user: string): NewEvent => someEvent({ runId: 'r', name: 'first', ...(user !== '' && { user }) }, 'cairn.tracking.v1.RunStarted');
const userOf = ({ type, data }: StoredEvent): string => decodeEvent<RunStarted>(type, data).data.user;
const rootOf = (records: readonly StoredRecord[]): Uint8Array => {
  const tree = new MerkleTree();
  tree.append(...records.map(({ leaf }) => leaf));
  return tree.root();
};

/** What every store with keys does with personal fields. */
export function personalDataContract(name: string, openLog: () => Promise<PersonalLog>): void {
  describe(`${name} seals what is about a person`, () => {
    let log: PersonalLog;
    let store: EventStore;
    const users = async (reader: EventStore) => (await reader.readAll(0n)).events.map(userOf);
    beforeEach(async () => {
      log = await openLog();
      store = await log.open();
      await store.append([appendTo('run-1', 'none', started(ADA)), appendTo('run-2', 'none', started(BOB))]);
      await store.append([appendTo('run-3', 'none', started('')), appendTo('run-1', 0n, started(ADA))]);
    });
    afterEach(() => log.close());

    it('and shows it to readers of events, however they read', async () => {
      const other = await log.open();
      for (const reader of [store, other]) {
        expect(await users(reader)).toEqual([ADA, BOB, '', ADA]);
        expect((await reader.readStream('run-1')).map(userOf)).toEqual([ADA, ADA]);
        expect((await reader.readStream('run-2', { direction: 'backwards' })).map(userOf)).toEqual([BOB]);
        expect((await followUntil(reader, (events) => events.length === 4)).events.map(userOf)).toEqual([ADA, BOB, '', ADA]);
      }
    });

    it('so that neither the log nor a copy of it says who', async () => {
      const { events } = await store.readRecords(0n);
      expect(events.map(({ body }) => body.includes(ADA) || body.includes(BOB))).toEqual([false, false, false, false]);
      expect(events.every(verifyRecord)).toBe(true);
      expect(events.map(parseRecord).map(userOf)).toEqual([SEALED, SEALED, '', SEALED]);
      const [first, , , last] = events.map(({ body }) => JSON.parse(body).data.user);
      expect(first).not.toBe(last);
    });

    it('for ever once the key is erased, while the log, its hashes and its root stay', async () => {
      const before = (await store.readRecords(0n)).events;
      expect(await log.eraseSubject(ADA)).toBe(true);
      const restarted = await log.open();
      expect(await users(restarted)).toEqual([ERASED, BOB, '', ERASED]);
      const after = (await restarted.readRecords(0n)).events;
      expect(after).toEqual(before);
      expect(rootOf(after)).toEqual(rootOf(before));
      expect(await log.eraseSubject(ADA)).toBe(false);
      expect(await log.eraseSubject('nobody')).toBe(false);
    });

    it('under another key when the subject comes back', async () => {
      await log.eraseSubject(ADA);
      await store.append([appendTo('run-4', 'none', started(ADA))]);
      expect(await users(await log.open())).toEqual([ERASED, BOB, '', ERASED, ADA]);
    });

    it('with one key for each, however many ask for the first time at once', async () => {
      const stores = [store, await log.open(), await log.open()];
      await Promise.all(stores.flatMap((each, at) => Array.from({ length: 10 }, (_, index) => each.append([appendTo(`run-carol-${at}-${index}`, 'none', started('carol'))]))));
      expect((await users(await log.open())).slice(4)).toEqual(Array.from({ length: 30 }, () => 'carol'));
      const keys = new Set((await store.readRecords(4n)).events.map(({ body }) => String(JSON.parse(body).data.user).split(':')[2]));
      expect(keys.size).toBe(1);
    });

    it('and opens a seal for nobody who copies it into an event of their own', async () => {
      const [first] = (await store.readRecords(0n)).events.map(parseRecord);
      await store.append([appendTo('run-10', 'none', started(String(first?.data['user'])))]);
      expect((await users(await log.open())).slice(4)).toEqual([SEALED]);
    });
  });
}
