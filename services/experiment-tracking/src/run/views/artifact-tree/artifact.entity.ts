import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('artifact')
export class ArtifactRow {
  /** A run's id, or a logged model's (`m-…`). */
  @PrimaryColumn('text', { name: 'owner_id' })
  ownerId: string;

  /** Relative to the owner's root, parts divided by `/`. */
  @PrimaryColumn('text')
  path: string;

  @Column('text')
  digest: string;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes: string;

  @Column('text', { name: 'logged_at' })
  loggedAt: string;
}
