import { createHash } from 'node:crypto';
import { MemoryEventStore } from '@cairn/event-store';
import { createDatabase, type TestDatabase } from '@cairn/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReadModel } from '../data-source.js';
import { ProjectionRunner } from '../projection-runner.js';
import { DatasetNamesProjection, DatasetNames1800000000000, registerDataset } from '../testing/dataset-names.js';

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

const idOf = async (name: string): Promise<string> => {
  const [row]: { dataset_id: string }[] = await dataSource.query('SELECT dataset_id FROM dataset_name WHERE name = $1', [name]);
  return row!.dataset_id;
};
const sha256 = (lines: readonly string[]): string => createHash('sha256').update(lines.join('')).digest('hex');
const lineOf = (id: string, name: string): string => `{"applied":"1","dataset_id":"${id}","name":"${name}"}\n`;

describe('digest', () => {
  it('is SHA-256 over the rows as canonical JSON, in the order of the key', async () => {
    const lines: string[] = [];
    for (const name of ['a', 'b', 'c']) lines.push(lineOf(await idOf(name), name));
    expect(await runner.digest()).toEqual({ position: 2n, tables: [{ table: 'dataset_name', rows: 3, digest: sha256(lines.sort()) }] });
  });

  it('of no rows is the hash of nothing, and belongs to no position', async () => {
    const empty = new ProjectionRunner({
      store: new MemoryEventStore(),
      dataSource,
      schema,
      projections: [new DatasetNamesProjection()],
      logger: pino({ level: 'silent' }),
    });
    await runner.stop();
    await dataSource.query('TRUNCATE dataset_name; UPDATE projection_checkpoint SET position = 0');
    expect(await empty.digest()).toEqual({ position: undefined, tables: [{ table: 'dataset_name', rows: 0, digest: sha256([]) }] });
  });

  it('is the same whatever a role has set', async () => {
    const before = await runner.digest();
    await dataSource.query(`ALTER DATABASE ${database.name} SET DateStyle = 'German'`);
    await dataSource.query(`ALTER DATABASE ${database.name} SET TimeZone = 'Asia/Tokyo'`);
    expect(await runner.digest()).toEqual(before);
  });
});

describe('replay', () => {
  it('gives the rows that are live, with the same digest', async () => {
    const { tables } = await runner.digest();
    expect(await runner.replay()).toEqual({
      position: 2n,
      compared: true,
      identical: true,
      tables: [{ ...tables[0], live: { rowsLive: 3, differing: 0, differences: [] } }],
    });
    expect(await runner.replay({ to: 2n })).toMatchObject({ compared: true, identical: true });
    expect(await dataSource.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'names_replay'`)).toEqual([]);
  });

  it('gives the rows as they were at a position, and leaves the live ones out', async () => {
    const report = await runner.replay({ to: 0n });
    expect(report).toEqual({ position: 0n, compared: false, tables: [{ table: 'dataset_name', rows: 1, digest: sha256([lineOf(await idOf('a'), 'a')]) }] });
  });

  it('compares also with live tables that events of others have left where they are', async () => {
    const meta = { source: '/test', workspace: 'default', actor: { principal: 'ana' }, correlationId: 'c' };
    const event = { id: '00000000-0000-7000-8000-000000000001', type: 'cairn.test.v1.Other', data: {}, meta };
    await store.append([{ stream: 'other', expected: 'none', events: [event] }]);
    expect(await runner.replay({ to: 3n })).toMatchObject({ position: 3n, compared: true, identical: true });
    expect(await runner.replay({ to: 2n })).toMatchObject({ position: 2n, compared: true, identical: true });
    expect(await runner.replay({ to: 1n })).toMatchObject({ position: 1n, compared: false });
  });

  it('names table, key, column and both values of what somebody changed, and the event that last wrote the row', async () => {
    const id = await idOf('b');
    await dataSource.query(`UPDATE dataset_name SET name = 'tampered' WHERE name = 'b'`);
    const { identical, tables } = await runner.replay();
    expect(identical).toBe(false);
    expect(tables[0]?.live).toEqual({
      rowsLive: 3,
      differing: 1,
      differences: [
        {
          key: { dataset_id: id },
          kind: 'changed',
          columns: [{ column: 'name', live: 'tampered', replayed: 'b' }],
          event: { position: 1n, type: 'cairn.catalog.v1.DatasetRegistered', stream: `dataset-${id}` },
        },
      ],
    });
  });

  it('tells a row that somebody took out, by the event that made it, and one that somebody put in, which no event made', async () => {
    const id = await idOf('c');
    await dataSource.query(`DELETE FROM dataset_name WHERE name = 'c'`);
    await dataSource.query(`INSERT INTO dataset_name VALUES ('ffffffff-0000-7000-8000-000000000000', 'smuggled', 1)`);
    const { tables } = await runner.replay();
    expect(tables[0]?.live?.differences).toEqual([
      { key: { dataset_id: id }, kind: 'missing', columns: [], event: expect.objectContaining({ position: 2n }) },
      { key: { dataset_id: 'ffffffff-0000-7000-8000-000000000000' }, kind: 'unexpected', columns: [] },
    ]);
  });

  it('finds the event among thousands of one batch, and lists a hundred differences of them', async () => {
    for (let index = 0; index < 150; index += 1) await registerDataset(store, `more-${index}`);
    await runner.waitFor(152n);
    await dataSource.query(`UPDATE dataset_name SET applied = 7 WHERE name LIKE 'more-%'`);
    const { tables } = await runner.replay();
    expect(tables[0]?.live).toMatchObject({ rowsLive: 153, differing: 150 });
    const differences = tables[0]?.live?.differences ?? [];
    expect(differences).toHaveLength(100);
    for (const { key, event } of differences) expect(event?.stream).toBe(`dataset-${key['dataset_id']}`);
  });

  it('compares one moment while commands go on', async () => {
    const writing = Promise.all(Array.from({ length: 50 }, async (_, index) => runner.waitFor(await registerDataset(store, `more-${index}`))));
    const report = await runner.replay();
    await writing;
    expect(report).toMatchObject({ compared: true, identical: true });
    expect(await runner.replay()).toMatchObject({ position: 52n, identical: true });
  });

  it('refuses a position that the log does not have, and a second one meanwhile', async () => {
    await expect(runner.replay({ to: 3n })).rejects.toMatchObject({ code: 'POSITION_NOT_WRITTEN', kind: 'unmet' });
    const outcomes = await Promise.allSettled([runner.replay(), runner.rebuild()]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'REBUILD_RUNNING' } }]);
  });
});
