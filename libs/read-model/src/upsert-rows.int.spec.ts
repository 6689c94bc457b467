import { createDatabase, type TestDatabase } from '@cairn/testing';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openReadModel } from './data-source.js';
import { OnlyKeyRow, SampleRow, Samples1800000000000 } from './testing/sample-rows.js';
import { upsertRows } from './upsert-rows.js';

const sample: SampleRow = {
  ownerId: 'a', number: 1, text: 'quotes " and \\ and {braces}, NULL', count: '9007199254740993', value: 0.1, done: true,
  tags: [{ key: 'k"', value: 'v,\\' }], uuid: '0197a000-0000-7000-8000-000000000001',
};

let database: TestDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  database = await createDatabase();
  dataSource = await openReadModel({ url: database.url, schema: 'samples', entities: [SampleRow, OnlyKeyRow], migrations: [Samples1800000000000] });
});
beforeEach(() => dataSource.query('TRUNCATE sample, only_key'));
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

async function upsert(...rows: SampleRow[]): Promise<SampleRow[]> {
  await dataSource.transaction((manager) => upsertRows(manager, SampleRow, rows));
  return dataSource.manager.find(SampleRow, { order: { ownerId: 'ASC', number: 'ASC' } });
}

describe('upsertRows', () => {
  it('writes rows that read back as they were, whatever is in them', async () => {
    const empty: SampleRow = { ...sample, number: 2, text: '', count: null, value: Number.NaN, done: false, tags: [] };
    expect(await upsert(sample, empty)).toEqual([sample, empty]);
    expect(await upsert({ ...sample, value: Number.POSITIVE_INFINITY })).toEqual([{ ...sample, value: Number.POSITIVE_INFINITY }, empty]);
  });

  it('replaces what is there under the same key; of several with the same key the last one counts', async () => {
    await upsert(sample);
    expect(await upsert({ ...sample, text: 'b' }, { ...sample, number: 3 }, { ...sample, text: 'c' })).toEqual([{ ...sample, text: 'c' }, { ...sample, number: 3 }]);
  });

  it('keeps what has nothing but a key', async () => {
    const write = () => dataSource.transaction((manager) => upsertRows(manager, OnlyKeyRow, [{ name: 'a' }, { name: 'b' }]));
    await write();
    await write();
    expect(await dataSource.manager.count(OnlyKeyRow)).toBe(2);
  });

  it('writes many rows in one statement, and none for none', async () => {
    const many = Array.from({ length: 20_000 }, (_, number) => ({ ...sample, number }));
    expect(await upsert(...many)).toHaveLength(20_000);
    expect(await upsert()).toHaveLength(20_000);
  });

  it('belongs to the transaction that it is given', async () => {
    const failing = dataSource.transaction(async (manager) => {
      await upsertRows(manager, SampleRow, [sample]);
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    expect(await upsert()).toEqual([]);
  });
});
