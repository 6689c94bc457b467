import { MlflowError } from '@cairn/mlflow';
import type { LoggedModelListQuery } from '../views/logged-model-list/logged-model-list.query.js';
import type { LoggedModelRow } from '../views/logged-model-list/logged-model.entity.js';
import { convertModelId } from './model-id.js';

export function modelNotFound(wireId: string): MlflowError {
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', `Logged model with ID '${wireId}' not found.`);
}

/** One that is there and not deleted. Throws RESOURCE_DOES_NOT_EXIST. */
export async function requireModel(models: LoggedModelListQuery, workspace: string, wireId: string): Promise<LoggedModelRow> {
  const modelId = convertModelId(wireId);
  const found = modelId === undefined ? null : await models.findModel(workspace, modelId);
  if (found === null || found.deleted) throw modelNotFound(wireId);
  return found;
}

/** What a run says of logged models must be about ones that are there. Throws RESOURCE_DOES_NOT_EXIST. */
export async function requireModels(models: LoggedModelListQuery, workspace: string, wireIds: readonly string[]): Promise<void> {
  const [missing] = await models.missing(workspace, wireIds);
  if (missing !== undefined) throw modelNotFound(missing);
}
