import { invalidParameter } from '@cairn/mlflow';

const NEEDED = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'];
const KEPT = ['run_id', 'artifact_path', 'utc_time_created', 'model_uuid'];

/**
 * The entry for a model in the run's tag `mlflow.log-model.history`, from the JSON of its MLmodel file: what names it, and its flavors without their
 * configuration. Throws INVALID_PARAMETER_VALUE.
 */
export function convertModelInfo(modelJson: string): string {
  const model = parsed(modelJson);
  const missing = NEEDED.filter((field) => !Object.hasOwn(model, field));
  if (missing.length > 0) throw invalidParameter(`Model json is missing mandatory fields: ${missing.join(', ')}`);
  const { flavors } = model;
  if (!isObject(flavors)) throw invalidParameter('Malformed model info: flavors must be an object.');
  const shown = Object.entries(flavors).map(([name, flavor]) => [name, isObject(flavor) ? withoutConfig(flavor) : flavor]);
  return JSON.stringify({ ...Object.fromEntries(KEPT.flatMap((field) => (Object.hasOwn(model, field) ? [[field, model[field]]] : []))), flavors: Object.fromEntries(shown) });
}

function parsed(modelJson: string): Record<string, unknown> {
  try {
    const model: unknown = JSON.parse(modelJson);
    if (isObject(model)) return model;
  } catch {
    // Told below, like every other text that is no object.
  }
  throw invalidParameter('Malformed model info: model_json is not a valid JSON object.');
}

function withoutConfig(flavor: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flavor).filter(([name]) => name !== 'config'));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
