import { createDatabase, type TestDatabase } from '@cairn/testing';
import { MerkleTree } from '@cairn/transparency';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { inconsistencies } from '../testing/consistency.js';
import { appendTo, someEvent, someEvents } from '../testing/events.js';
import type { StoredRecord } from '../event-store.js';
import { importRecords, type ImportedLog, type ImportedRecord } from './import-records.js';
import { PostgresEventStore } from './postgres-event-store.js';

describe('a log that is imported into PostgreSQL', () => {
  let database: TestDatabase;
  let target: PostgresEventStore;
  let records: readonly StoredRecord[];
  let expected: ImportedLog;

  beforeEach(async () => {
    database = await createDatabase();
    target = await PostgresEventStore.open({ url: database.url });
    const source = new MemoryEventStore();
    await source.append([appendTo('thing-a', 'none', ...someEvents(300))]);
    await source.append([appendTo('thing-b', 'none', someEvent({ text: 'žluť 🚆' })), appendTo('thing-a', 299n, ...someEvents(20))]);
    records = (await source.readRecords(0n, { limit: 1_000 })).events;
    expected = { size: 321n, root: rootOf(records) };
  });
  afterEach(async () => {
    await target.close();
    await database.drop();
  });

  it('is the same log, byte for byte, and goes on', async () => {
    await importRecords(database.url, inBatches(records), expected);
    expect((await target.readRecords(0n, { limit: 1_000 })).events.map(plain)).toEqual(records.map(plain));
    expect(await target.append([appendTo('thing-a', 319n, someEvent())])).toMatchObject([{ position: 321n, revision: 320n }]);
    expect(await inconsistencies(target)).toEqual([]);
  });

  it('is stored whole or not at all', async () => {
    const [first, second] = [records[0]!, records[1]!];
    const changed = { ...first, body: first.body.replace('alice', 'mallory') };
    const faults: readonly (readonly ImportedRecord[])[] = [
      records.slice(0, -1),
      records.slice(1),
      [...records, { position: 321n, body: first.body }],
      records.with(0, changed),
      records.with(0, second).with(1, first),
      records.with(0, { ...first, body: second.body }).with(1, { ...second, body: first.body }),
      records.with(300, { ...records[300]!, body: 'no event' }),
      records.with(300, { ...records[300]!, body: '{"data":{}}' }),
      records.with(300, { ...records[300]!, body: ` ${records[300]!.body}` }),
    ];
    for (const fault of faults) {
      await expect(importRecords(database.url, inBatches(fault), expected)).rejects.toMatchObject({ code: 'INVALID_EVENT' });
      expect(await target.size()).toBe(0n);
    }
    await importRecords(database.url, inBatches(records), expected);
    expect(await target.size()).toBe(321n);
  });

  it('is not mixed with events that are there', async () => {
    await target.append([appendTo('thing-c', 'none', someEvent())]);
    await expect(importRecords(database.url, inBatches(records), expected)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    expect(await target.size()).toBe(1n);
  });

  it('leaves nothing behind when its source breaks off', async () => {
    const broken = (async function* () {
      yield records.slice(0, 100);
      throw new Error('the file can not be read');
    })();
    await expect(importRecords(database.url, broken, expected)).rejects.toThrow('the file can not be read');
    expect(await target.size()).toBe(0n);
  });
});

async function* inBatches(records: readonly ImportedRecord[]): AsyncGenerator<readonly ImportedRecord[]> {
  for (let at = 0; at < records.length; at += 64) yield records.slice(at, at + 64);
}

function rootOf(records: readonly StoredRecord[]): Uint8Array {
  const tree = new MerkleTree();
  for (const { leaf } of records) tree.append(leaf);
  return tree.root();
}

const plain = ({ leaf, ...record }: StoredRecord): object => ({ ...record, leaf: Buffer.from(leaf).toString('hex') });
