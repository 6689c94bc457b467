import { Column, Entity, PrimaryColumn } from 'typeorm';

export interface TagJson {
  readonly key: string;
  readonly value: string;
}

/** Absent: not limited. */
export interface BudgetJson {
  readonly max_size_bytes?: number;
  readonly max_p99_latency_ms?: number;
  readonly min_requests?: number;
}

@Entity('model')
export class ModelRow {
  @PrimaryColumn('uuid', { name: 'model_id' })
  modelId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  @Column('text')
  description: string;

  @Column('jsonb')
  tags: TagJson[];

  /** Milliseconds since 1970. */
  @Column('bigint', { name: 'creation_time_ms' })
  creationTimeMs: string;

  @Column('bigint', { name: 'last_update_time_ms' })
  lastUpdateTimeMs: string;

  /** RFC 3339 UTC; empty unless it is deleted. */
  @Column('text', { name: 'deleted_at' })
  deletedAt: string;
}

@Entity('gate_policy')
export class GatePolicyRow {
  @PrimaryColumn('uuid', { name: 'model_id' })
  modelId: string;

  @PrimaryColumn('text')
  alias: string;

  @Column('jsonb')
  gates: string[];

  @Column('jsonb')
  budget: BudgetJson;
}

@Entity('alias')
export class AliasRow {
  @PrimaryColumn('uuid', { name: 'model_id' })
  modelId: string;

  @PrimaryColumn('text')
  alias: string;

  @Column('uuid', { name: 'version_id' })
  versionId: string;

  @Column('int')
  version: number;

  @Column('text', { name: 'moved_at' })
  movedAt: string;
}
