import type { Refusal } from '@cairn/kernel';
import type { LogModelInputs, LogModelOutputs, MetricPoint, RecordModel } from './commands.js';
import { refuse, type Code } from './errors.js';
import { fitsOneEvent, modelBytes, outputBytes, pieces, tagBytes } from './pieces.js';
import type { RunEvent, RunFacts } from './state.js';

type Decision = readonly RunEvent[] | Refusal<Code>;

/** Where MLflow 2 keeps the models of a run: a JSON list in a tag. */
const HISTORY_TAG = 'mlflow.log-model.history';

export function logModelInputs({ data: { modelIds } }: LogModelInputs, { runId }: RunFacts): Decision {
  return pieces(modelIds, modelBytes).map((some): RunEvent => ({ type: 'cairn.tracking.v1.ModelInputsLogged', data: { runId, modelIds: some } }));
}

export function logModelOutputs({ data: { models } }: LogModelOutputs, { runId }: RunFacts): Decision {
  return pieces(models, outputBytes).map((some): RunEvent => ({ type: 'cairn.tracking.v1.ModelOutputsLogged', data: { runId, models: some } }));
}

/** The same model again, as a repeated request brings it, changes nothing. What is no list in the tag came from somebody else and is replaced. */
export function recordModel({ data: { entry } }: RecordModel, { runId, tags }: RunFacts): Decision {
  const before = entriesOf(tags.get(HISTORY_TAG));
  if (before.includes(entry)) return [];
  const tag = { key: HISTORY_TAG, value: `[${[...before, entry].join(', ')}]` };
  if (!fitsOneEvent(tagBytes(tag))) return refuse('TOO_MANY_MODELS', 'The run has logged too many models in this way. Log models as MLflow 3 does.');
  return [{ type: 'cairn.tracking.v1.RunTagsSet', data: { runId, tags: [tag] } }];
}

function entriesOf(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? list.map((item) => JSON.stringify(item)) : [];
  } catch {
    return [];
  }
}

/** The columns that say what points are about; absent, as empty lists, when no point is about a model. */
export function measuredColumns(points: readonly MetricPoint[]) {
  const some = points.some(({ measured }) => measured !== undefined);
  const column = (name: 'modelId' | 'datasetName' | 'datasetDigest'): string[] => (some ? points.map(({ measured }) => measured?.[name] ?? '') : []);
  return { modelIds: column('modelId'), datasetNames: column('datasetName'), datasetDigests: column('datasetDigest') };
}
