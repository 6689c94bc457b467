import { newId } from '@cairn/kernel';
import type { EventStore, NewEvent } from '@cairn/event-store';
import { openReadModel, ProjectionRunner, type Projection, type Recorded } from '@cairn/read-model';
import { pino } from 'pino';
import { Column, Entity, PrimaryColumn, type EntityManager, type MigrationInterface, type QueryRunner } from 'typeorm';

@Entity('bench_dataset')
class BenchDatasetRow {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  name: string;
}

class BenchDatasets1800000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE bench_dataset (id uuid PRIMARY KEY, name text NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE bench_dataset');
  }
}

/** One row per command, one statement per batch: what a view costs at least. */
class BenchProjection implements Projection {
  readonly name = 'bench';
  readonly types = ['cairn.catalog.v1.DatasetRegistered'];
  readonly entities = [BenchDatasetRow];

  async apply(events: readonly Recorded[], manager: EntityManager): Promise<void> {
    const rows = events.map(({ event }) => event.data as { datasetId: string; name: string });
    await manager.query('INSERT INTO bench_dataset SELECT * FROM unnest($1::uuid[], $2::text[]) ON CONFLICT (id) DO UPDATE SET name = excluded.name', [
      rows.map(({ datasetId }) => datasetId),
      rows.map(({ name }) => name),
    ]);
  }
}

export interface BenchReadModel {
  readonly runner: ProjectionRunner;
  readonly close: () => Promise<void>;
}

/** The read model that the benchmark's commands wait for. */
export async function openBenchReadModel(url: string, store: EventStore): Promise<BenchReadModel> {
  const projection = new BenchProjection();
  const schema = 'bench';
  const dataSource = await openReadModel({ url, schema, entities: projection.entities, migrations: [BenchDatasets1800000000000] });
  const runner = new ProjectionRunner({ store, dataSource, schema, projections: [projection], logger: pino({ level: 'error' }) });
  await runner.start();
  return {
    runner,
    close: async () => {
      await runner.stop();
      await dataSource.destroy();
    },
  };
}

const DESCRIPTION = 'x'.repeat(400);

/** Appends one event of about 500 bytes of data to a stream of its own; answers its position. */
export async function appendOne(store: EventStore): Promise<bigint> {
  const datasetId = newId();
  const event: NewEvent = {
    id: newId(),
    type: 'cairn.catalog.v1.DatasetRegistered',
    data: { datasetId, name: `bench-${datasetId}`, description: DESCRIPTION },
    meta: { source: '/bench', workspace: 'default', actor: { principal: 'local' }, correlationId: newId() },
  };
  const [result] = await store.append([{ stream: `dataset-${datasetId}`, expected: 'none', events: [event] }]);
  if (result === undefined) throw new TypeError('an append answers for every stream');
  return result.position;
}
