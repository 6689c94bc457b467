import type { EventOf, registry } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { ServiceSpec } from '@cairn/service';
import { Module } from '@nestjs/common';
import { Column, Entity, PrimaryColumn, type EntityManager, type MigrationInterface, type QueryRunner } from 'typeorm';

type Created = EventOf<registry.RegisteredModelCreated>;
type Moved = EventOf<registry.AliasMoved>;

@Entity('model_name')
class ModelNameRow {
  @PrimaryColumn('text', { name: 'model_id' })
  modelId: string;

  @Column('text')
  name: string;

  /** Version that carries the alias. */
  @Column('text')
  champion: string;
}

class ModelNamesProjection implements Projection<Created | Moved> {
  readonly name = 'model-names';
  readonly types = ['cairn.registry.v1.RegisteredModelCreated', 'cairn.registry.v1.AliasMoved'] as const;
  readonly entities = [ModelNameRow];

  async apply(events: readonly Recorded<Created | Moved>[], manager: EntityManager): Promise<void> {
    for (const { event } of events) {
      const { modelId } = event.data;
      if (event.type === 'cairn.registry.v1.AliasMoved') await manager.update(ModelNameRow, { modelId }, { champion: event.data.versionId });
      else await manager.insert(ModelNameRow, { modelId, name: event.data.name, champion: '' });
    }
  }
}

class ModelNames1800000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE model_name (model_id text PRIMARY KEY, name text NOT NULL, champion text NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE model_name');
  }
}

@Module({})
class ModelNamesModule {}

/** A service with one small table, in the place of the model registry: lineage imports no other service, and asks whoever answers. */
export const modelNames: ServiceSpec = {
  name: 'model-registry',
  title: 'Model names',
  schema: 'model_names',
  module: ModelNamesModule,
  projections: [ModelNamesProjection],
  migrations: [ModelNames1800000000000],
};
