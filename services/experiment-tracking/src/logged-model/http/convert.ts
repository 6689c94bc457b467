import { type Fields, type FilterRules, filterTerms, invalidParameter, parseFilter } from '@cairn/mlflow';
import { convertParam, convertTag } from '../../run/http/convert.js';
import { convertDouble } from '../../mlflow/double.js';
import type { Param, Tag } from '../domain/commands.js';
import type {
  DatasetScope, LoggedModelColumn, LoggedModelOrder, LoggedModelTerm, LoggedModelWithFacts,
} from '../views/logged-model-list/logged-model-list.query.js';
import type { LoggedModelRow } from '../views/logged-model-list/logged-model.entity.js';
import type { LoggedModelMetricRow } from '../views/model-metrics/model-metric.entity.js';

/** MLflow's client sends a hundred parameters at a time. */
const MAX_PAIRS = 1_000;
const MAX_ORDER_CLAUSES = 20;
const MAX_DATASETS = 100;

/** What MLflow's clients take the files of a logged model from. */
export function modelArtifactRoot({ experimentId, modelId }: Pick<LoggedModelRow, 'experimentId' | 'modelId'>): string {
  return `mlflow-artifacts:/${experimentId}/models/${modelId}/artifacts`;
}

export function convertModelParams(fields: Fields): Param[] {
  return pairs(fields, 'params').map((pair) => {
    const { key, value } = convertParam(pair);
    return { key, value };
  });
}

export function convertModelTags(fields: Fields): Tag[] {
  return pairs(fields, 'tags').map(convertTag);
}

function pairs(fields: Fields, name: 'params' | 'tags'): Fields[] {
  const list = fields.list(name);
  if (list.length > MAX_PAIRS) throw invalidParameter(`A logged model takes at most ${MAX_PAIRS} ${name} in one request; these are ${list.length}.`);
  return list;
}

const wireStatuses: Readonly<Record<string, string>> = { PENDING: 'LOGGED_MODEL_PENDING', READY: 'LOGGED_MODEL_READY', FAILED: 'LOGGED_MODEL_UPLOAD_FAILED' };
const outcomes: Readonly<Record<string, string>> = { LOGGED_MODEL_READY: 'ready', LOGGED_MODEL_UPLOAD_FAILED: 'failed' };

/** Throws INVALID_PARAMETER_VALUE for a status that does not end the upload. */
export function convertOutcome(status: string): string {
  const outcome = Object.hasOwn(outcomes, status) ? outcomes[status] : undefined;
  if (outcome === undefined) throw invalidParameter(`Invalid model status '${status}': a logged model is finalized as one of ${Object.keys(outcomes).join(', ')}.`);
  return outcome;
}

/** As MLflow does, lists without an item are left out. */
export function convertLoggedModel({ model, params, tags, metrics }: LoggedModelWithFacts) {
  return {
    info: {
      model_id: model.modelId,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: Number(model.creationTimeMs),
      last_updated_timestamp_ms: Number(model.lastUpdateTimeMs),
      artifact_uri: modelArtifactRoot(model),
      status: wireStatuses[model.status] ?? model.status,
      model_type: model.modelType,
      source_run_id: model.sourceRunId,
      ...(tags.length > 0 && { tags: tags.map(({ key, value }) => ({ key, value })) }),
    },
    data: {
      ...(params.length > 0 && { params: params.map(({ key, value }) => ({ key, value })) }),
      ...(metrics.length > 0 && { metrics: metrics.map(convertModelMetric) }),
    },
  };
}

function convertModelMetric({ key, value, timestampMs, step, modelId, runId, datasetName, datasetDigest }: LoggedModelMetricRow) {
  return {
    key,
    value: convertDouble(value),
    timestamp: Number(timestampMs),
    step: Number(step),
    model_id: modelId,
    run_id: runId,
    ...(datasetName !== '' && { dataset_name: datasetName }),
    ...(datasetDigest !== '' && { dataset_digest: datasetDigest }),
  };
}

const texts: Readonly<Record<string, LoggedModelColumn>> = {
  name: 'name', model_id: 'model_id', model_type: 'model_type', status: 'status', source_run_id: 'source_run_id', experiment_id: 'experiment_id',
};
const times: Readonly<Record<string, LoggedModelColumn>> = {
  creation_timestamp: 'creation_time_ms', creation_timestamp_ms: 'creation_time_ms', creation_time: 'creation_time_ms',
  last_updated_timestamp: 'last_update_time_ms', last_updated_timestamp_ms: 'last_update_time_ms', last_updated_time: 'last_update_time_ms',
};
const rules: FilterRules<LoggedModelColumn, 'metric' | 'param' | 'tag'> = {
  texts,
  lists: Object.keys(texts),
  numbers: times,
  keyed: { metrics: 'metric', metric: 'metric', params: 'param', param: 'param', tags: 'tag', tag: 'tag' },
};

/** MLflow's grammar for logged models. Throws INVALID_PARAMETER_VALUE. */
export function convertModelFilter(filter: string | undefined): readonly LoggedModelTerm[] {
  return filterTerms(parseFilter(filter), rules);
}

export function convertDatasetScopes(fields: Fields): DatasetScope[] {
  const datasets = fields.list('datasets');
  if (datasets.length > MAX_DATASETS) throw invalidParameter(`A search names at most ${MAX_DATASETS} datasets; these are ${datasets.length}.`);
  return datasets.map((dataset) => ({ name: dataset.text('dataset_name'), digest: dataset.optionalText('dataset_digest') || undefined }));
}

/** Clauses are objects here: `{"field_name": "metrics.auc", "ascending": false, "dataset_name": "flights"}`. */
export function convertModelOrder(clauses: readonly Fields[]): LoggedModelOrder[] {
  if (clauses.length > MAX_ORDER_CLAUSES) throw invalidParameter(`A search has at most ${MAX_ORDER_CLAUSES} order_by clauses; these are ${clauses.length}.`);
  return clauses.map((clause) => {
    const field = clause.text('field_name');
    const descending = !(clause.optionalFlag('ascending') ?? true);
    if (field.startsWith('metrics.')) {
      const dataset = { name: clause.optionalText('dataset_name') || undefined, digest: clause.optionalText('dataset_digest') || undefined };
      return { by: 'metric', key: field.slice('metrics.'.length).replaceAll('`', ''), dataset, descending };
    }
    const columns = { ...texts, ...times };
    const column = Object.hasOwn(columns, field) ? columns[field] : undefined;
    if (column === undefined) throw invalidParameter(`Invalid order by field name: ${field}. Only ${Object.keys(columns).join(', ')} and metrics.<key> are supported.`);
    return { by: 'attribute', column, descending };
  });
}
