/** Clients that live together in one virtual environment. Their tests all run against the same log. */
export interface ClientSet {
  readonly name: string;
  /** Between `requirements` or `constraints` and `.txt`. */
  readonly suffix: string;
  /** Files of tests: of the older versions of MLflow, its own alone. Which of them a version can run, their markers say. */
  readonly tests: RegExp;
  /** Also tries what is about the server rather than about the client, and needs it for itself. */
  readonly isNewest: boolean;
}

const ALL = /^test_(?!kserve)\w+\.py$/;
const OF_MLFLOW = /^test_mlflow_\w+\.py$/;
const OF_KSERVE = /^test_kserve\.py$/;

/** The newest minor version of MLflow with the clients of everything else, the one before it, the last of MLflow 2, and KServe, which wants an older pandas. */
export const clientSets: readonly [ClientSet, ...ClientSet[]] = [
  { name: 'MLflow 3.17, Triton and Prometheus', suffix: '', tests: ALL, isNewest: true },
  { name: 'MLflow 3.16', suffix: '-mlflow-3-16', tests: OF_MLFLOW, isNewest: false },
  { name: 'MLflow 2.22', suffix: '-mlflow-2-22', tests: OF_MLFLOW, isNewest: false },
  { name: 'KServe 0.21', suffix: '-kserve', tests: OF_KSERVE, isNewest: false },
];
