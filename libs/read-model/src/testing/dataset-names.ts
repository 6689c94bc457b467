import type { catalog, EventOf } from '@cairn/contracts';
import type { EventStore, NewEvent } from '@cairn/event-store';
import { newId } from '@cairn/kernel';
import { Column, Entity, PrimaryColumn, type EntityManager, type MigrationInterface, type QueryRunner } from 'typeorm';
import type { Projection, Recorded } from '../projection.js';

export type Registered = EventOf<catalog.DatasetRegistered>;

@Entity('dataset_name')
export class DatasetNameRow {
  @PrimaryColumn('uuid', { name: 'dataset_id' })
  datasetId: string;

  @Column('text')
  name: string;

  /** How often the fact was applied: more than once shows a replay that changed something. */
  @Column('int')
  applied: number;
}

/** A small view for specs. `failWith` makes it fail as a defective projection would. */
export class DatasetNamesProjection implements Projection<Registered> {
  readonly name: string = 'dataset-names';
  readonly types = ['cairn.catalog.v1.DatasetRegistered'] as const;
  readonly entities = [DatasetNameRow];
  failWith: Error | undefined;

  async apply(events: readonly Recorded<Registered>[], manager: EntityManager): Promise<void> {
    for (const { event } of events) {
      const { datasetId, name } = event.data;
      await manager.query(
        'INSERT INTO dataset_name (dataset_id, name, applied) VALUES ($1, $2, 1) ON CONFLICT (dataset_id) DO UPDATE SET applied = dataset_name.applied + 1',
        [datasetId, name],
      );
    }
    if (this.failWith !== undefined) throw this.failWith;
  }
}

export class DatasetNames1800000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE dataset_name (dataset_id uuid PRIMARY KEY, name text NOT NULL, applied int NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dataset_name');
  }
}

/** The same table, cut into partitions by its key. */
export class PartitionedNames1800000000000 extends DatasetNames1800000000000 {
  override async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE dataset_name (dataset_id uuid PRIMARY KEY, name text NOT NULL, applied int NOT NULL) PARTITION BY HASH (dataset_id)');
    for (const rest of [0, 1]) await runner.query(`CREATE TABLE dataset_name_${rest} PARTITION OF dataset_name FOR VALUES WITH (MODULUS 2, REMAINDER ${rest})`);
  }
}

/** Appends one dataset; answers its position. */
export async function registerDataset(store: EventStore, name: string): Promise<bigint> {
  const datasetId = newId();
  const event: NewEvent = {
    id: newId(),
    type: 'cairn.catalog.v1.DatasetRegistered',
    data: { datasetId, name },
    meta: { source: '/data-catalog', workspace: 'default', actor: { principal: 'local' }, correlationId: newId() },
  };
  const [result] = await store.append([{ stream: `dataset-${datasetId}`, expected: 'none', events: [event] }]);
  if (result === undefined) throw new TypeError('an append answers for every stream');
  return result.position;
}
