import { MemoryEventStore } from '@cairn/event-store';
import { createDatabase, type TestDatabase } from '@cairn/testing';
import type { ClientBase } from 'pg';
import { pino } from 'pino';
import type { DataSource, EntityManager } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReadModel } from './data-source.js';
import type { Recorded } from './projection.js';
import { ProjectionRunner } from './projection-runner.js';
import { DatasetNamesProjection, DatasetNames1800000000000, registerDataset, type Registered } from './testing/dataset-names.js';

const schema = 'names';
let database: TestDatabase;
let store: MemoryEventStore;
let dataSource: DataSource;
let runner: ProjectionRunner;

/** Breaks the connection of the batches that it is told to, in one of two ways. */
class CutProjection extends DatasetNamesProjection {
  cuts: ('before commit' | 'after commit')[] = [];

  override async apply(events: readonly Recorded<Registered>[], manager: EntityManager): Promise<void> {
    await super.apply(events, manager);
    const cut = this.cuts.shift();
    if (cut === 'before commit') await manager.query('SELECT pg_terminate_backend(pg_backend_pid())');
    if (cut === 'after commit') cutAfterCommit(await manager.queryRunner!.connect());
  }
}

/** The server has committed, and its answer is lost with the connection. */
function cutAfterCommit(client: ClientBase & { end(): Promise<void> }): void {
  const query = client.query.bind(client) as (text: string) => Promise<unknown>;
  Object.assign(client, {
    query: async (text: string) => {
      const answer = await query(text);
      if (text !== 'COMMIT') return answer;
      await client.end();
      throw new Error('Connection terminated unexpectedly');
    },
  });
}

let projection: CutProjection;

beforeEach(async () => {
  database = await createDatabase();
  store = new MemoryEventStore();
  projection = new CutProjection();
  dataSource = await openReadModel({ url: database.url, schema, entities: projection.entities, migrations: [DatasetNames1800000000000] });
  runner = new ProjectionRunner({ store, dataSource, schema, projections: [projection], logger: pino({ level: 'silent' }) });
  await runner.start();
});

afterEach(async () => {
  await runner.stop();
  await store.close();
  await dataSource.destroy();
  await database.drop();
});

describe('a connection cut in the middle of a batch', () => {
  it('failed and not stored: the batch comes again', async () => {
    projection.cuts = ['before commit', 'before commit'];
    await runner.waitFor(await registerDataset(store, 'lost'), 20_000);
    await expectConsistent(1);
  });

  it('failed but stored: the batch is not applied again', async () => {
    projection.cuts = ['after commit'];
    await runner.waitFor(await registerDataset(store, 'unanswered'), 20_000);
    await expectConsistent(1);
  });

  it('under load: every event is in the rows once', async () => {
    projection.cuts = ['after commit', 'before commit', 'after commit'];
    const positions = await Promise.all(Array.from({ length: 50 }, (_, index) => registerDataset(store, `n-${index}`)));
    await Promise.all(positions.map((position) => runner.waitFor(position, 20_000)));
    for (let index = 50; index < 60; index += 1) await runner.waitFor(await registerDataset(store, `n-${index}`), 20_000);
    await expectConsistent(60);
  });
});

async function expectConsistent(count: number): Promise<void> {
  const rows: { applied: number }[] = await dataSource.query('SELECT applied FROM dataset_name');
  expect(rows.map(({ applied }) => applied)).toEqual(Array.from({ length: count }, () => 1));
  expect(await runner.rebuild()).toMatchObject({ identical: true, position: String(count) });
  expect(runner.state).toBe('running');
}
