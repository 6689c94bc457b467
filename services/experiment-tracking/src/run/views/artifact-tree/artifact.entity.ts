import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('artifact')
export class ArtifactRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  /** Relative to the run, parts divided by `/`. */
  @PrimaryColumn('text')
  path: string;

  @Column('text')
  digest: string;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes: string;

  @Column('text', { name: 'logged_at' })
  loggedAt: string;
}
