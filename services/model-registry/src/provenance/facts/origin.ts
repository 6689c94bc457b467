import type { catalog, Plain } from '@cairn/contracts';
import type { VersionRow } from '../../model-version/views/version-list/version.entity.js';
import type { DatasetVersionFacts, JobFacts, TrainingSetFacts } from './data-facts.js';
import type { LoggedFile, RunFacts } from './run-facts.js';

/** Where a version came from, as far as the log says. What is absent was not found there. */
export interface Origin {
  readonly version: Pick<
    VersionRow,
    'versionId' | 'modelName' | 'version' | 'runId' | 'source' | 'digest' | 'trainingSetId' | 'goldenDigest' | 'copiedFromVersionId'
  >;
  readonly run?: RunFacts;
  /** Events in the middle of a very long run that were not read: metrics, mostly. */
  readonly unreadEvents: number;
  /** The job of the scheduler that reported the run. */
  readonly job?: JobFacts;
  readonly trainingSet?: TrainingSetFacts;
  /** What the training set was made of: its dataset version first, then those that only fed windows. */
  readonly datasets: readonly DatasetVersionFacts[];
  /** That the first dataset version was certified or checked by. */
  readonly contract?: Plain<catalog.ContractPublished>;
  /** Files of the model by their path below its source. */
  readonly files: ReadonlyMap<string, LoggedFile>;
}
