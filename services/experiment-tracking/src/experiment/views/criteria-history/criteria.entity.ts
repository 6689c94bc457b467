import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('criteria')
export class CriteriaRow {
  @PrimaryColumn('uuid', { name: 'experiment_id' })
  experimentId: string;

  @PrimaryColumn('int')
  version: number;

  /** proto3 JSON of the criteria. */
  @Column('text')
  criteria: string;

  @Column('boolean', { name: 'after_first_run' })
  afterFirstRun: boolean;

  @Column('text', { name: 'declared_at' })
  declaredAt: string;

  @Column('text', { name: 'declared_by' })
  declaredBy: string;
}
