import { decodeEvent, type EventOf, type tracking } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';
import { type Fields, invalidParameter, orderClause } from '@cairn/mlflow';
import { criterionJson } from '../../experiment/http/convert-criteria.js';
import { convertDouble } from '../../mlflow/double.js';
import { validKey } from '../../mlflow/keys.js';
import type { DatasetInput, Measured, MetricPoint, Param, StartRun, Tag } from '../domain/commands.js';
import type { SampledPoint } from '../views/metric-history/metric-samples.query.js';
import type { LatestMetricRow } from '../views/metric-history/metric.entity.js';
import type { RunInputRow } from '../views/run-list/run-facts.entity.js';
import type { RunColumn, RunOrder, RunWithFacts } from '../views/run-list/run-list.query.js';
import type { RunRow } from '../views/run-list/run.entity.js';
import { artifactRoot } from './artifact-path.js';
import type { ParamDto } from './log-params.dto.js';

/** MLflow cuts what is longer, silently; so its clients count on it. */
const MAX_PARAM_LENGTH = 6_000;
const MAX_TAG_LENGTH = 8_000;
const MAX_DATASET_NAME_LENGTH = 500;
/** MLflow's clients cut a digest to 36 characters; ours are whole. */
const MAX_DATASET_DIGEST_LENGTH = 100;
const CONTEXT_TAG = 'mlflow.data.context';

export function convertMetric(fields: Fields): MetricPoint {
  return {
    key: validKey(fields.text('key'), 'key'),
    value: fields.double('value'),
    timestampMs: BigInt(fields.integer('timestamp')),
    step: BigInt(fields.optionalInteger('step') ?? 0),
    ...convertMeasured(fields),
  };
}

/** A dataset alone, without the model that was measured on it, says nothing that MLflow keeps. */
function convertMeasured(fields: Fields): { readonly measured?: Measured } {
  const modelId = fields.optionalText('model_id') ?? '';
  if (modelId === '') return {};
  const [datasetName, datasetDigest] = [fields.optionalText('dataset_name') ?? '', fields.optionalText('dataset_digest') ?? ''];
  demandLength('Dataset name', datasetName, MAX_DATASET_NAME_LENGTH);
  demandLength('Dataset digest', datasetDigest, MAX_DATASET_DIGEST_LENGTH);
  return { measured: { modelId, datasetName, datasetDigest } };
}

function demandLength(what: string, text: string, max: number): void {
  if (text.length > max) throw invalidParameter(`${what} exceeds the maximum length of ${max} characters.`);
}

/** A plain client does not say where a value came from: it counts as set. */
export function convertParam(fields: Fields): Param {
  const value = fields.presentText('value').slice(0, MAX_PARAM_LENGTH);
  return { key: validKey(fields.text('key'), 'key'), value: wholeCharacters(value), origin: 'set', library: '', libraryVersion: '' };
}

export function convertTag(fields: Fields): Tag {
  return { key: validKey(fields.text('key'), 'key'), value: wholeCharacters((fields.optionalText('value') ?? '').slice(0, MAX_TAG_LENGTH)) };
}

export function convertParamDto({ key, value, origin, library, library_version }: ParamDto): Param {
  return { key, value, origin, library, libraryVersion: library_version };
}

export function convertDatasetInput(fields: Fields): DatasetInput {
  const dataset = fields.inner('dataset');
  const tags = fields.list('tags').map((tag) => ({ key: tag.text('key'), value: tag.optionalText('value') ?? '' }));
  const name = dataset.text('name');
  demandLength('Dataset name', name, MAX_DATASET_NAME_LENGTH);
  return {
    name,
    digest: dataset.text('digest'),
    sourceType: dataset.optionalText('source_type') ?? '',
    source: dataset.optionalText('source') ?? '',
    context: tags.find(({ key }) => key === CONTEXT_TAG)?.value ?? '',
    schema: dataset.optionalText('schema') ?? '',
    profile: dataset.optionalText('profile') ?? '',
    tags: tags.filter(({ key }) => key !== CONTEXT_TAG),
  };
}

/** A cut may have split a surrogate pair. */
function wholeCharacters(text: string): string {
  return text.replace(/\p{Surrogate}$/u, '');
}

type StartedRun = Omit<StartRun['data'], 'criteriaVersion' | 'criteria'>;

/** What has just been started is known without asking. */
export function convertStartedRun({ runId, experimentId, name, user, startTimeMs, tags }: StartedRun) {
  const known = { runId, experimentId, name, userName: user, startTimeMs: String(startTimeMs) };
  const info = convertRunInfo({ ...known, status: 'RUNNING', endTimeMs: null, deleted: false, experimentDeleted: false });
  const sorted = [...new Map(tags.map(({ key, value }) => [key, { key, value }])).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  return { info, data: { tags: sorted }, inputs: {}, outputs: {} };
}

type Info = Pick<RunRow, 'runId' | 'experimentId' | 'name' | 'userName' | 'status' | 'startTimeMs' | 'endTimeMs' | 'deleted' | 'experimentDeleted'>;

export function convertRunInfo(run: Info) {
  return {
    run_uuid: run.runId,
    run_id: run.runId,
    experiment_id: run.experimentId,
    run_name: run.name,
    user_id: run.userName,
    status: run.status,
    start_time: Number(run.startTimeMs),
    ...(run.endTimeMs !== null && { end_time: Number(run.endTimeMs) }),
    artifact_uri: artifactRoot(run.experimentId, run.runId),
    lifecycle_stage: run.deleted || run.experimentDeleted ? 'deleted' : 'active',
  };
}

/** With the run, where points of several are in one list. */
export function convertRunMetric(point: SampledPoint) {
  return { ...convertMetricRow(point), run_id: point.runId };
}

/** As MLflow does, lists without an item are left out. */
export function convertRun({ run, params, tags, metrics, inputs, models }: RunWithFacts) {
  const [modelInputs, modelOutputs] = [models.filter(({ role }) => role === 'input'), models.filter(({ role }) => role === 'output')];
  return {
    info: convertRunInfo(run),
    data: {
      ...(metrics.length > 0 && { metrics: metrics.map(convertMetricRow) }),
      ...(params.length > 0 && { params: params.map(({ key, value }) => ({ key, value })) }),
      ...(tags.length > 0 && { tags: tags.map(({ key, value }) => ({ key, value })) }),
    },
    inputs: {
      ...(inputs.length > 0 && { dataset_inputs: inputs.map(convertInputRow) }),
      ...(modelInputs.length > 0 && { model_inputs: modelInputs.map(({ modelId }) => ({ model_id: modelId })) }),
    },
    outputs: modelOutputs.length > 0 ? { model_outputs: modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step: Number(step) })) } : {},
  };
}

export function convertMetricRow({ key, value, timestampMs, step }: LatestMetricRow | SampledPoint) {
  return { key, value: convertDouble(value), timestamp: Number(timestampMs), step: Number(step) };
}

function convertInputRow({ name, digest, sourceType, source, context, schema, profile, tags }: RunInputRow) {
  const shown = [...(context === '' ? [] : [{ key: CONTEXT_TAG, value: context }]), ...tags];
  return {
    ...(shown.length > 0 && { tags: shown }),
    dataset: { name, digest, source_type: sourceType, source, ...(schema !== '' && { schema }), ...(profile !== '' && { profile }) },
  };
}

const columns: Readonly<Record<string, RunColumn>> = {
  run_id: 'run_id',
  run_uuid: 'run_id',
  run_name: 'name',
  'run name': 'name',
  status: 'status',
  user_id: 'user_name',
  start_time: 'start_time_ms',
  created: 'start_time_ms',
  end_time: 'end_time_ms',
};
const kinds: Readonly<Record<string, 'metric' | 'param' | 'tag'>> = {
  metrics: 'metric', metric: 'metric', params: 'param', param: 'param', parameters: 'param', parameter: 'param', tags: 'tag', tag: 'tag',
};
const ATTRIBUTE_KINDS: readonly string[] = ['', 'attributes', 'attribute', 'attr', 'run'];

export function convertRunOrder(clauses: readonly string[]): RunOrder[] {
  return clauses.map((text) => {
    const { kind, key, descending } = orderClause(text);
    const fact = kinds[kind];
    if (fact !== undefined) return { by: fact, key, descending };
    const column = ATTRIBUTE_KINDS.includes(kind) ? columns[key.toLowerCase()] : undefined;
    if (column === undefined) throw invalidParameter(`Invalid order_by clause '${text}': order by metrics.<key>, params.<key>, tags.<key> or attributes.start_time.`);
    return { by: 'attribute', column, descending };
  });
}

/** Everything about a run, with its latest metrics, where each parameter came from and how it was judged: our own API. */
export function convertRunCard({ run, params, tags, metrics, inputs }: RunWithFacts) {
  return {
    run_id: run.runId,
    experiment_id: run.experimentId,
    name: run.name,
    user: run.userName,
    started_by: run.startedBy,
    status: run.status,
    start_time_ms: Number(run.startTimeMs),
    end_time_ms: run.endTimeMs === null ? null : Number(run.endTimeMs),
    params: params.map(({ key, value, origin, library, libraryVersion }) => ({
      key, value, origin, ...(origin === 'default' && { library, library_version: libraryVersion }),
    })),
    metrics: Object.fromEntries(metrics.map(({ key, value }) => [key, convertDouble(value)])),
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
    inputs: inputs.map(({ name, digest, sourceType, source, context }) => ({ name, digest, source_type: sourceType, source, context })),
    criteria_version: run.criteriaVersion,
    verdict: run.verdict,
    judged_at: run.judgedAt,
    results: resultsOf(run),
  };
}

function resultsOf({ results }: RunRow) {
  if (results === null) return [];
  const { data } = decodeEvent<EventOf<tracking.CriteriaJudged>>('cairn.tracking.v1.CriteriaJudged', { results: JSON.parse(results) as JsonObject[] });
  return data.results.map(({ criterion, verdict, observed, required }) => ({
    ...(criterion !== undefined && criterionJson(criterion)),
    verdict,
    observed: observed === undefined ? null : convertDouble(observed),
    required: required === undefined ? null : convertDouble(required),
  }));
}
