import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('promotion_freeze')
export class FreezeRow {
  @PrimaryColumn('uuid', { name: 'freeze_id' })
  freezeId: string;

  @Column('text')
  workspace: string;

  /** Empty: every model of the workspace. */
  @Column('text', { name: 'model_id' })
  modelId: string;

  /** RFC 3339 UTC, which sorts as it reads. */
  @Column('text')
  from: string;

  @Column('text')
  to: string;

  @Column('text')
  reason: string;

  @Column('text', { name: 'declared_by' })
  declaredBy: string;

  /** Empty unless it was lifted. */
  @Column('text', { name: 'lifted_by' })
  liftedBy: string;

  @Column('text', { name: 'lifted_because' })
  liftedBecause: string;
}
