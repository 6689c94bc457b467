import type { Plain, registry, tracking } from '@cairn/contracts';

/** What the registry has learnt from the log about one version. A fact that is absent was not found there. */
export interface Evidence {
  readonly run?: RunEvidence;
  readonly trainingSet?: TrainingSetEvidence;
  readonly datasetVersion?: DatasetVersionEvidence;
  /** Principals who approved the version for the alias. */
  readonly approvers: readonly string[];
  /** Who created the version or one that it is a copy of, and whoever submitted the job that trained it: none of them can be the one who approves. */
  readonly authors: readonly string[];
  /** Versions of the model that somebody uses now: the ones that deployments answer with, and the one that carries the alias or is in the stage. */
  readonly consumers: readonly ConsumedVersion[];
  /** Freezes of the model or its workspace that are not over. */
  readonly freezes: readonly Freeze[];
}

export interface ConsumedVersion {
  readonly version: number;
  /** E.g. `deployment late-flights`, `alias champion`. */
  readonly usedBy: string;
  readonly signature?: Plain<registry.Signature>;
}

export interface Freeze {
  /** RFC 3339 UTC. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export interface RunEvidence {
  /** `FINISHED`, `FAILED` or `KILLED`; empty while it runs. */
  readonly outcome: string;
  /** Version of the criteria in force when it started; 0 when there were none. */
  readonly criteriaVersion: number;
  /** Empty until it is judged. */
  readonly verdict: string;
  readonly results: readonly Plain<tracking.CriterionResult>[];
  /** The scheduler's job that reported this run, when one did. */
  readonly jobId?: string;
}

export interface TrainingSetEvidence {
  readonly name: string;
  readonly built: boolean;
  readonly rowCount: bigint;
  readonly leakage: 'passed' | 'found' | 'unchecked';
  readonly rowsChecked: bigint;
  /** Sentences of what leaked. */
  readonly findings: readonly string[];
}

export interface DatasetVersionEvidence {
  readonly datasetName: string;
  readonly version: number;
  /** `golden`, or empty. */
  readonly certified: string;
  readonly contractVersion: string;
  /** Empty unless it is quarantined. */
  readonly quarantined: string;
}
