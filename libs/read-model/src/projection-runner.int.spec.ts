import { MemoryEventStore } from '@cairn/event-store';
import { createDatabase, waitUntil, type TestDatabase } from '@cairn/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReadModel } from './data-source.js';
import { ProjectionRunner } from './projection-runner.js';
import { DatasetNamesProjection, DatasetNames1800000000000, registerDataset } from './testing/dataset-names.js';

const schema = 'names';
let database: TestDatabase;
let store: MemoryEventStore;
let dataSource: DataSource;
let projection: DatasetNamesProjection;
let runner: ProjectionRunner;

function newRunner(own = new DatasetNamesProjection()): ProjectionRunner {
  return new ProjectionRunner({ store, dataSource, schema, projections: [own], logger: pino({ level: 'silent' }) });
}

async function rows(): Promise<{ name: string; applied: number }[]> {
  return dataSource.query('SELECT name, applied FROM dataset_name ORDER BY name');
}

async function storedCheckpoint(): Promise<string> {
  const [row]: { position: string }[] = await dataSource.query('SELECT position FROM projection_checkpoint');
  return row!.position;
}

beforeEach(async () => {
  database = await createDatabase();
  store = new MemoryEventStore();
  projection = new DatasetNamesProjection();
  dataSource = await openReadModel({ url: database.url, schema, entities: projection.entities, migrations: [DatasetNames1800000000000] });
  runner = newRunner(projection);
});

afterEach(async () => {
  await runner.stop();
  await store.close();
  await dataSource.destroy();
  await database.drop();
});

describe('the projection runner', () => {
  it('shows what was appended before and after it started', async () => {
    await registerDataset(store, 'before');
    await runner.start();
    await runner.waitFor(await registerDataset(store, 'later'));
    expect(await rows()).toEqual([{ name: 'before', applied: 1 }, { name: 'later', applied: 1 }]);
    expect(runner.state).toBe('running');
  });

  it('lets 100 commands at once read their own writes', async () => {
    await runner.start();
    const seen = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const name = `dataset-${String(index).padStart(3, '0')}`;
        await runner.waitFor(await registerDataset(store, name));
        const found: unknown[] = await dataSource.query('SELECT 1 FROM dataset_name WHERE name = $1', [name]);
        return found.length;
      }),
    );
    expect(seen).toEqual(Array.from({ length: 100 }, () => 1));
    expect(await storedCheckpoint()).toBe('100');
  });

  it('commits rows and checkpoint together or neither', async () => {
    projection.failWith = new Error('the disk of this spec is full');
    await runner.start();
    const position = await registerDataset(store, 'half');
    await waitUntil('the runner halts', () => runner.state === 'halted');
    expect(await rows()).toEqual([]);
    expect(await storedCheckpoint()).toBe('0');

    projection.failWith = undefined;
    await runner.waitFor(position);
    expect(await rows()).toEqual([{ name: 'half', applied: 1 }]);
    expect(await storedCheckpoint()).toBe('1');
    expect(runner.state).toBe('running');
  });

  it('says that it is behind when a command waits too long', async () => {
    projection.failWith = new Error('broken');
    await runner.start();
    const position = await registerDataset(store, 'unseen');
    await expect(runner.waitFor(position, 50)).rejects.toMatchObject({ code: 'READ_MODEL_BEHIND', kind: 'busy' });
  });

  it('goes on after a restart where it was, and applies nothing twice', async () => {
    await runner.start();
    await runner.waitFor(await registerDataset(store, 'first'));
    await runner.stop();
    const position = await registerDataset(store, 'second');
    runner = newRunner();
    await runner.start();
    await runner.waitFor(position);
    expect(await rows()).toEqual([{ name: 'first', applied: 1 }, { name: 'second', applied: 1 }]);
  });

  it('shares the tables with a second process of the same service', async () => {
    const other = newRunner();
    await Promise.all([runner.start(), other.start()]);
    for (let batch = 0; batch < 20; batch += 1) {
      const positions = await Promise.all(Array.from({ length: 5 }, (_, index) => registerDataset(store, `${batch}-${index}`)));
      const last = positions.reduce((highest, position) => (position > highest ? position : highest));
      await Promise.all([runner.waitFor(last), other.waitFor(last)]);
    }
    await other.stop();
    const all = await rows();
    expect(all).toHaveLength(100);
    expect(all.filter(({ applied }) => applied !== 1)).toEqual([]);
  });

  it('moves past events of others without a commit for each', async () => {
    await runner.start();
    await runner.waitFor(await registerDataset(store, 'own'));
    const meta = { source: '/x', workspace: 'default', actor: { principal: 'local' }, correlationId: '0197a9d2-0000-7000-8000-000000000000' };
    const [result] = await store.append([
      {
        stream: 'run-0197a9d2-0000-7000-8000-000000000001',
        expected: 'any',
        events: [{ id: '0197a9d2-0000-7000-8000-000000000002', type: 'cairn.tracking.v1.RunStarted', data: {}, meta }],
      },
    ]);
    await runner.waitFor(result!.position);
    expect(runner.checkpoint).toBe(2n);
    expect(await storedCheckpoint()).toBe('1');
  });

  it('makes the rows again when a projection has come to want more', async () => {
    class AbandonedProjection extends DatasetNamesProjection {
      override readonly name = 'abandoned';
      override async apply(): Promise<void> {}
    }
    const old = new ProjectionRunner({ store, dataSource, schema, projections: [new AbandonedProjection()], logger: pino({ level: 'silent' }) });
    await old.start();
    await old.waitFor(await registerDataset(store, 'missed'));
    await old.stop();
    expect(await rows()).toEqual([]);
    await runner.start();
    expect(await rows()).toEqual([{ name: 'missed', applied: 1 }]);
  });
});
