import { invalidParameter } from '@cairn/mlflow';
import type { RunRow } from '../views/run-list/run.entity.js';

/** A run's own stream does not know that its experiment was deleted. Throws INVALID_PARAMETER_VALUE as MLflow does. */
export function demandActive({ runId, deleted, experimentDeleted }: Pick<RunRow, 'runId' | 'deleted' | 'experimentDeleted'>): void {
  if (deleted || experimentDeleted) throw invalidParameter(`The run ${runId} must be in the 'active' state. Current state is deleted.`);
}
