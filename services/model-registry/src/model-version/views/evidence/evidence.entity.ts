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

@Entity('logged_model_evidence')
export class LoggedModelEvidenceRow {
  @PrimaryColumn('text', { name: 'logged_model_id' })
  loggedModelId: string;

  @Column('text')
  workspace: string;

  /** Empty when no run made it. */
  @Column('text', { name: 'run_id' })
  runId: string;

  @Column('boolean', { name: 'is_deleted' })
  isDeleted: boolean;
}

/** Which version of a model a deployment answers with. */
@Entity('deployment_evidence')
export class DeploymentEvidenceRow {
  @PrimaryColumn('text', { name: 'deployment_id' })
  deploymentId: string;

  @Column('text')
  name: string;

  /** Empty while the fallback answers. */
  @Column('text', { name: 'version_id' })
  versionId: string;
}
