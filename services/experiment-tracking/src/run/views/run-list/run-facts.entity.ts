import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('param')
export class ParamRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  @PrimaryColumn('text')
  key: string;

  @Column('text')
  value: string;

  /** `set` | `default`. */
  @Column('text')
  origin: string;

  @Column('text')
  library: string;

  @Column('text', { name: 'library_version' })
  libraryVersion: string;
}

@Entity('tag')
export class TagRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  @PrimaryColumn('text')
  key: string;

  @Column('text')
  value: string;
}

@Entity('run_input')
export class RunInputRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  @PrimaryColumn('text')
  name: string;

  @PrimaryColumn('text')
  digest: string;

  @Column('text', { name: 'source_type' })
  sourceType: string;

  @Column('text')
  source: string;

  @Column('text')
  context: string;

  @Column('text')
  schema: string;

  @Column('text')
  profile: string;

  @Column('jsonb')
  tags: { readonly key: string; readonly value: string }[];
}
