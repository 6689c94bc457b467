import { MemoryEventStore } from '@cairn/event-store';
import { createDatabase, type TestDatabase } from '@cairn/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReadModel } from '../data-source.js';
import { ProjectionRunner } from '../projection-runner.js';
import { DatasetNameRow, DatasetNamesProjection, DatasetNames1800000000000, PartitionedNames1800000000000, registerDataset } from '../testing/dataset-names.js';

const schema = 'names';
let database: TestDatabase;
let store: MemoryEventStore;
let dataSource: DataSource;
let runner: ProjectionRunner;

beforeEach(async () => {
  database = await createDatabase();
  store = new MemoryEventStore();
  const projection = new DatasetNamesProjection();
  dataSource = await openReadModel({ url: database.url, schema, entities: projection.entities, migrations: [DatasetNames1800000000000] });
  runner = new ProjectionRunner({ store, dataSource, schema, projections: [projection], logger: pino({ level: 'silent' }) });
  await runner.start();
  for (const name of ['a', 'b', 'c']) await runner.waitFor(await registerDataset(store, name));
});

afterEach(async () => {
  await runner.stop();
  await store.close();
  await dataSource.destroy();
  await database.drop();
});

describe('rebuild', () => {
  it('gives identical tables', async () => {
    expect(await runner.rebuild()).toEqual({
      identical: true,
      position: '3',
      tables: [{ table: 'dataset_name', rowsLive: 3, rowsRebuilt: 3, differing: 0 }],
    });
  });

  it('finds a row that somebody edited, and one that somebody added', async () => {
    await dataSource.query(`UPDATE dataset_name SET name = 'tampered' WHERE name = 'b'`);
    expect((await runner.rebuild()).tables).toEqual([{ table: 'dataset_name', rowsLive: 3, rowsRebuilt: 3, differing: 2 }]);
    await dataSource.query(`UPDATE dataset_name SET name = 'b' WHERE name = 'tampered'`);
    await dataSource.query(`INSERT INTO dataset_name VALUES (gen_random_uuid(), 'smuggled', 1)`);
    const report = await runner.rebuild();
    expect(report).toMatchObject({ identical: false, tables: [{ rowsLive: 4, rowsRebuilt: 3, differing: 1 }] });
  });

  it('puts the rebuilt tables in place, and the runner goes on with them', async () => {
    await dataSource.query(`UPDATE dataset_name SET name = 'tampered' WHERE name = 'b'`);
    expect((await runner.rebuild({ swap: true })).identical).toBe(false);
    await runner.waitFor(await registerDataset(store, 'd'));
    expect(await dataSource.query('SELECT name, applied FROM dataset_name ORDER BY name')).toEqual(['a', 'b', 'c', 'd'].map((name) => ({ name, applied: 1 })));
    expect((await runner.rebuild()).identical).toBe(true);
    expect(await dataSource.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'names_rebuild'`)).toEqual([]);
  });

  it('compares at one position while commands go on', async () => {
    const writing = Promise.all(Array.from({ length: 50 }, async (_, index) => runner.waitFor(await registerDataset(store, `more-${index}`))));
    const report = await runner.rebuild();
    await writing;
    expect(report.identical).toBe(true);
    expect((await runner.rebuild()).tables).toMatchObject([{ rowsLive: 53, rowsRebuilt: 53 }]);
  });

  it('moves the partitions of a table with it, and replays into them', async () => {
    const other = await openReadModel({ url: database.url, schema: 'parts', entities: [DatasetNameRow], migrations: [PartitionedNames1800000000000] });
    const partitioned = new ProjectionRunner({ store, dataSource: other, schema: 'parts', projections: [new DatasetNamesProjection()], logger: pino({ level: 'silent' }) });
    try {
      await partitioned.start();
      await partitioned.waitFor(await registerDataset(store, 'd'));
      for (const swap of [true, false]) expect(await partitioned.rebuild({ swap })).toMatchObject({ identical: true, tables: [{ rowsLive: 4, rowsRebuilt: 4 }] });
      await partitioned.waitFor(await registerDataset(store, 'e'));
      expect(await other.query('SELECT name FROM dataset_name ORDER BY name')).toHaveLength(5);
      expect(await partitioned.replay()).toMatchObject({ identical: true, tables: [{ rows: 5 }] });
      await other.query(`UPDATE dataset_name SET name = 'tampered' WHERE name = 'b'`);
      const { tables } = await partitioned.replay();
      expect(tables[0]?.live?.differences).toMatchObject([{ kind: 'changed', event: { position: 1n } }]);
    } finally {
      await partitioned.stop();
      await other.destroy();
    }
  });

  it('runs once at a time', async () => {
    const outcomes = await Promise.allSettled([runner.rebuild(), runner.rebuild()]);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'REBUILD_RUNNING', kind: 'conflict' } }]);
  });
});
