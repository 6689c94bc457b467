import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('training_set')
export class TrainingSetRow {
  @PrimaryColumn('uuid', { name: 'training_set_id' })
  trainingSetId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  @Column('text')
  state: 'requested' | 'leaking' | 'checked' | 'built' | 'failed';

  @Column('bigint')
  position: string;

  /** proto3 JSON of TrainingSetRequested. */
  @Column('text')
  request: string;

  /** proto3 JSON of LeakageFound or LeakageCheckPassed, or null. */
  @Column('text', { name: 'leakage_check', nullable: true })
  leakageCheck: string | null;

  /** proto3 JSON of TrainingSetBuilt, or null. */
  @Column('text', { nullable: true })
  built: string | null;

  @Column('text', { default: '' })
  reason: string;
}
