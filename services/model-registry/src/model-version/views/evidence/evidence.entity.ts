import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('run_evidence')
export class RunEvidenceRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  /** `FINISHED`, `FAILED` or `KILLED`; empty while it runs. */
  @Column('text')
  outcome: string;

  @Column('int', { name: 'criteria_version' })
  criteriaVersion: number;

  /** Empty until judged. */
  @Column('text')
  verdict: string;

  /** proto3 JSON of the results per criterion. */
  @Column('text')
  results: string;
}

@Entity('job_evidence')
export class JobEvidenceRow {
  @PrimaryColumn('text', { name: 'job_id' })
  jobId: string;

  /** Who submitted it, or on whose behalf. */
  @Column('text', { name: 'submitted_by' })
  submittedBy: string;

  /** The run that it reported; empty until it succeeded, or when it reported none. */
  @Column('text', { name: 'run_id' })
  runId: string;
}

@Entity('training_set_evidence')
export class TrainingSetEvidenceRow {
  @PrimaryColumn('text', { name: 'training_set_id' })
  trainingSetId: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'dataset_version_id' })
  datasetVersionId: string;

  @Column('boolean')
  built: boolean;

  @Column('bigint', { name: 'row_count' })
  rowCount: string;

  @Column('text')
  leakage: 'passed' | 'found' | 'unchecked';

  @Column('bigint', { name: 'rows_checked' })
  rowsChecked: string;

  @Column('jsonb')
  findings: string[];
}

@Entity('dataset_version_evidence')
export class DatasetVersionEvidenceRow {
  @PrimaryColumn('text', { name: 'version_id' })
  versionId: string;

  @Column('text', { name: 'dataset_name' })
  datasetName: string;

  @Column('int')
  version: number;

  @Column('text')
  certified: string;

  @Column('text', { name: 'contract_version' })
  contractVersion: string;

  @Column('text')
  quarantined: string;
}
