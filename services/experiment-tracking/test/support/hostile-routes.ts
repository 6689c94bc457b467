import { prices } from './price-list.js';
import { TraceClient, traceInfo } from './traces.js';
import type { TrackingClient } from './tracking-client.js';

const V2 = '/api/2.0/mlflow';
const V3 = '/api/3.0/mlflow';

/** Ids of what is there; the second ones are for routes that end something. */
export interface Ids {
  readonly experiment: string;
  readonly run: string;
  readonly model: string;
  readonly trace: string;
  readonly assessment: string;
  readonly upload: string;
  readonly doomed: { readonly experiment: string; readonly run: string; readonly model: string; readonly trace: string };
}
type Body = (ids: Ids) => object;
type Path = (ids: Ids) => string;

const at = (path: string): Path => () => path;
const pair = { key: 'k', value: 'v' };
const metric = { key: 'm', value: 1, timestamp: 1, step: 1, dataset_name: 'd', dataset_digest: 'x' };
const dataset = { tags: [pair], dataset: { name: 'd', digest: 'x', source_type: 'local', source: '{"uri":"x"}', schema: '{}', profile: '{}' } };
const place = (experiment_id: string) => ({ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id } });
const feedback = {
  assessment_id: 'a-1', assessment_name: 'q', source: { source_type: 'HUMAN', source_id: 'ada' },
  create_time: '2026-11-21T02:48:21.822Z', last_update_time: '2026-11-21T02:48:21.822Z',
  feedback: { value: { score: 1 } }, rationale: 'r', metadata: { a: 'b' }, span_id: 's', overrides: '',
};
const modelJson = JSON.stringify({ run_id: 'r', artifact_path: 'm', utc_time_created: '2026-01-01 00:00:00', flavors: { sklearn: {} } });

/** As MLflow's web pages ask for a run. */
export const RUN_QUERY = 'query GetRun($data: MlflowGetRunInput!) { mlflowGetRun(input: $data) { run { info { runName } experiment { name } } apiError { code } } }';

/** Every route that takes a JSON body, with one that fits it. */
export const BODIES: readonly (readonly [method: string, name: string, path: Path, body: Body])[] = [
  ['POST', 'experiments/create', at(`${V2}/experiments/create`), () => ({ name: 'taken', artifact_location: '', tags: [pair] })],
  ['POST', 'experiments/search', at(`${V2}/experiments/search`), () => ({ filter: "name = 'a'", max_results: 2, order_by: ['name'], page_token: '', view_type: 'ALL' })],
  ['POST', 'experiments/update', at(`${V2}/experiments/update`), ({ doomed }) => ({ experiment_id: doomed.experiment, new_name: 'taken' })],
  ['POST', 'experiments/delete', at(`${V2}/experiments/delete`), ({ doomed }) => ({ experiment_id: doomed.experiment })],
  ['POST', 'experiments/restore', at(`${V2}/experiments/restore`), ({ doomed }) => ({ experiment_id: doomed.experiment })],
  ['POST', 'experiments/set-experiment-tag', at(`${V2}/experiments/set-experiment-tag`), ({ experiment }) => ({ experiment_id: experiment, ...pair })],
  ['POST', 'experiments/delete-experiment-tag', at(`${V2}/experiments/delete-experiment-tag`), ({ experiment }) => ({ experiment_id: experiment, key: 'k' })],
  ['POST', 'experiments/search-datasets', at(`${V2}/experiments/search-datasets`), ({ experiment }) => ({ experiment_ids: [experiment] })],
  ['POST', 'runs/create', at(`${V2}/runs/create`), ({ experiment }) => ({ experiment_id: experiment, user_id: 'u', run_name: 'n', start_time: 1, tags: [pair] })],
  ['POST', 'runs/update', at(`${V2}/runs/update`), ({ run }) => ({ run_id: run, run_uuid: run, status: 'RUNNING', end_time: 2, run_name: 'n' })],
  ['POST', 'runs/delete', at(`${V2}/runs/delete`), ({ doomed }) => ({ run_id: doomed.run })],
  ['POST', 'runs/restore', at(`${V2}/runs/restore`), ({ doomed }) => ({ run_id: doomed.run })],
  ['POST', 'runs/delete-tag', at(`${V2}/runs/delete-tag`), ({ run }) => ({ run_id: run, key: 'k' })],
  ['POST', 'runs/set-tag', at(`${V2}/runs/set-tag`), ({ run }) => ({ run_id: run, ...pair })],
  ['POST', 'runs/log-parameter', at(`${V2}/runs/log-parameter`), ({ run }) => ({ run_id: run, ...pair })],
  ['POST', 'runs/log-metric', at(`${V2}/runs/log-metric`), ({ run, model }) => ({ run_id: run, ...metric, model_id: model })],
  ['POST', 'runs/log-batch', at(`${V2}/runs/log-batch`), ({ run }) => ({ run_id: run, metrics: [metric], params: [pair], tags: [pair] })],
  ['POST', 'runs/log-inputs', at(`${V2}/runs/log-inputs`), ({ run, model }) => ({ run_id: run, datasets: [dataset], models: [{ model_id: model }] })],
  ['POST', 'runs/outputs', at(`${V2}/runs/outputs`), ({ run, model }) => ({ run_id: run, models: [{ model_id: model, step: 1 }] })],
  ['POST', 'runs/log-model', at(`${V2}/runs/log-model`), ({ run }) => ({ run_id: run, model_json: modelJson })],
  ['POST', 'runs/search', at(`${V2}/runs/search`),
    ({ experiment }) => ({ experiment_ids: [experiment], filter: 'metrics.m > 0', run_view_type: 'ALL', max_results: 2, order_by: ['metrics.m'], page_token: '' }),
  ],
  ['POST', 'logged-models', at(`${V2}/logged-models`),
    ({ experiment, run }) => ({ experiment_id: experiment, name: 'n', model_type: 't', source_run_id: run, tags: [pair], params: [pair] }),
  ],
  ['POST', 'logged-models/search', at(`${V2}/logged-models/search`), ({ experiment }) => ({
    experiment_ids: [experiment], filter: "name = 'n'", datasets: [{ dataset_name: 'd', dataset_digest: 'x' }], max_results: 2, page_token: '',
    order_by: [{ field_name: 'metrics.m', ascending: false, dataset_name: 'd', dataset_digest: 'x' }],
  })],
  ['POST', 'logged-models/{id}/params', ({ model }) => `${V2}/logged-models/${model}/params`, () => ({ params: [pair] })],
  ['PATCH', 'logged-models/{id}/tags', ({ model }) => `${V2}/logged-models/${model}/tags`, () => ({ tags: [pair] })],
  ['PATCH', 'logged-models/{id}', ({ doomed }) => `${V2}/logged-models/${doomed.model}`, () => ({ status: 'LOGGED_MODEL_READY' })],
  ['POST', 'workspaces', at(`${V3}/workspaces`), () => ({ name: 'red', description: 'd', default_artifact_root: '', trace_archival_config: { location: '' } })],
  ['PATCH', 'workspaces/{name}', at(`${V3}/workspaces/red`), () => ({ description: 'd', trace_archival_config: {} })],
  ['POST', 'traces v3', at(`${V3}/traces`), ({ experiment, doomed }) => traceInfo(experiment, doomed.trace, { assessments: [feedback], client_request_id: 'c' })],
  ['POST', 'traces/search', at(`${V3}/traces/search`),
    ({ experiment }) => ({ locations: [place(experiment)], filter: "trace.status = 'OK'", max_results: 2, order_by: ['timestamp_ms'], page_token: '' }),
  ],
  ['POST', 'traces/metrics', at(`${V3}/traces/metrics`), ({ experiment }) => ({
    experiment_ids: [experiment], view_type: 'TRACES', metric_name: 'latency', aggregations: [{ aggregation_type: 'PERCENTILE', percentile_value: 50 }],
    dimensions: ['trace_name'], filters: ["trace.tag.a = 'x'"], time_interval_seconds: 60, start_time_ms: 1, end_time_ms: 2, max_results: 2, page_token: '',
  })],
  ['POST', 'traces/calculate-filter-correlation', at(`${V3}/traces/calculate-filter-correlation`),
    ({ experiment }) => ({ experiment_ids: [experiment], filter_string1: "trace.status = 'OK'", filter_string2: "tags.a = 'x'", base_filter: 'timestamp_ms > 1' }),
  ],
  ['POST', 'traces/batchGetInfos', at(`${V3}/traces/batchGetInfos`), ({ trace }) => ({ trace_ids: [trace] })],
  ['POST', 'traces/{id}/assessments', ({ trace }) => `${V3}/traces/${trace}/assessments`, () => ({ assessment: feedback })],
  ['PATCH', 'traces/{id}/assessments/{id}', ({ trace, assessment }) => `${V3}/traces/${trace}/assessments/${assessment}`,
    () => ({ assessment: feedback, update_mask: { paths: ['feedback', 'metadata'] } }),
  ],
  ['PATCH', 'traces/{id}/tags', ({ trace }) => `${V2}/traces/${trace}/tags`, () => pair],
  ['DELETE', 'traces/{id}/tags', ({ trace }) => `${V2}/traces/${trace}/tags`, () => ({ key: 'k' })],
  ['POST', 'traces/link-to-run', at(`${V2}/traces/link-to-run`), ({ trace, run }) => ({ trace_ids: [trace], run_id: run })],
  ['POST', 'traces/link-prompts', at(`${V2}/traces/link-prompts`), ({ trace }) => ({ trace_id: trace, prompt_versions: [{ name: 'p', version: '1' }] })],
  ['POST', 'traces/delete-traces', at(`${V2}/traces/delete-traces`), ({ doomed }) => ({ experiment_id: doomed.experiment, max_timestamp_millis: 1, max_traces: 1 })],
  ['POST', 'traces v2', at(`${V2}/traces`), ({ experiment }) => ({ experiment_id: experiment, timestamp_ms: 1, request_metadata: [pair], tags: [pair] })],
  ['PATCH', 'traces/{id} v2', ({ trace }) => `${V2}/traces/${trace}`, () => ({ timestamp_ms: 2, status: 'OK', request_metadata: [pair], tags: [pair] })],
  ['POST', 'mpu/create', ({ experiment, run }) => `/api/2.0/mlflow-artifacts/mpu/create/${experiment}/${run}/artifacts`, () => ({ path: 'f', num_parts: 1 })],
  ['POST', 'mpu/complete', ({ experiment, run }) => `/api/2.0/mlflow-artifacts/mpu/complete/${experiment}/${run}/artifacts`,
    ({ upload }) => ({ path: 'f', upload_id: upload, parts: [{ part_number: 1, etag: 'e', url: 'u' }] }),
  ],
  ['POST', 'mpu/abort', ({ experiment, run }) => `/api/2.0/mlflow-artifacts/mpu/abort/${experiment}/${run}/artifacts`,
    () => ({ path: 'f', upload_id: '00000000-0000-4000-8000-000000000000' }),
  ],
  ['POST', 'our own criteria', ({ experiment }) => `/tracking/v1/experiments/${experiment}/criteria`,
    () => ({ criteria: [{ metric: 'm', comparison: '>=', threshold: 1, baseline_metric: 'b', sample_metric: 's', minimum_sample: 1 }] }),
  ],
  ['POST', 'our own parameters', ({ run }) => `/tracking/v1/runs/${run}/params`, () => ({ params: [{ ...pair, origin: 'default', library: 'l', library_version: '1' }] })],
  ['POST', 'our own price lists', at('/tracking/v1/price-lists'), () => prices],
  ['POST', 'our own resources', ({ run }) => `/tracking/v1/runs/${run}/resources`,
    () => ({ figures: [{ resource: 'gpu_seconds', amount: 60, gpu_model: 'H200', label: 'measured', method: 'm' }] }),
  ],
  ['POST', 'graphql', at('/graphql'), ({ run }) => ({ query: RUN_QUERY, variables: { data: { runId: run } }, operationName: 'GetRun' })],
];

/** Every route that takes parameters in its query, with ones that fit it. */
export const QUERIES: readonly (readonly [name: string, path: Path, fine: (ids: Ids) => Readonly<Record<string, string>>])[] = [
  ['experiments/get', at(`${V2}/experiments/get`), ({ experiment }) => ({ experiment_id: experiment })],
  ['experiments/get-by-name', at(`${V2}/experiments/get-by-name`), () => ({ experiment_name: 'a' })],
  ['experiments/search', at(`${V2}/experiments/search`), () => ({ filter: '', order_by: 'name', max_results: '2', page_token: '', view_type: 'ALL' })],
  ['runs/get', at(`${V2}/runs/get`), ({ run }) => ({ run_id: run, run_uuid: run })],
  ['metrics/get-history', at(`${V2}/metrics/get-history`), ({ run }) => ({ run_id: run, metric_key: 'm', max_results: '2', page_token: '' })],
  ['metrics/get-history-bulk', at(`${V2}/metrics/get-history-bulk`), ({ run }) => ({ run_id: run, metric_key: 'm', max_results: '2' })],
  ['metrics/get-history-bulk-interval', at(`${V2}/metrics/get-history-bulk-interval`),
    ({ run }) => ({ run_ids: run, metric_key: 'm', max_results: '2', start_step: '0', end_step: '9' }),
  ],
  ['artifacts/list', at(`${V2}/artifacts/list`), ({ run }) => ({ run_id: run, path: 'a', page_token: '' })],
  ['get-artifact', at('/get-artifact'), ({ run }) => ({ run_id: run, path: 'a' })],
  ['mlflow-artifacts/artifacts', at('/api/2.0/mlflow-artifacts/artifacts'), ({ experiment, run }) => ({ path: `${experiment}/${run}/artifacts` })],
  ['logged-models/{id}', ({ model }) => `${V2}/logged-models/${model}`, () => ({ allow_deleted: 'true' })],
  ['logged-models/{id}/artifacts/directories', ({ model }) => `${V2}/logged-models/${model}/artifacts/directories`, () => ({ artifact_directory_path: 'a', page_token: '' })],
  ['logged-models/{id}/artifacts/files', ({ model }) => `${V2}/logged-models/${model}/artifacts/files`, () => ({ artifact_file_path: 'a' })],
  ['traces/get', at(`${V3}/traces/get`), ({ trace }) => ({ trace_id: trace, allow_partial: 'true' })],
  ['traces/batchGet', at(`${V3}/traces/batchGet`), ({ trace }) => ({ trace_ids: trace })],
  ['traces v2', at(`${V2}/traces`), ({ experiment }) => ({ experiment_ids: experiment, filter: '', order_by: 'timestamp_ms', max_results: '2', page_token: '' })],
  ['get-trace-artifact', at('/ajax-api/2.0/mlflow/get-trace-artifact'), ({ trace }) => ({ request_id: trace, path: 'a' })],
  ['workspaces', at(`${V3}/workspaces`), () => ({ page_token: '', max_results: '2' })],
  ['our own criteria', ({ experiment }) => `/tracking/v1/experiments/${experiment}/criteria`, () => ({ limit: '1', page_token: '' })],
  ['our own comparison', ({ doomed }) => `/tracking/v1/runs/compare?run_id=${doomed.run}`, ({ run }) => ({ run_id: run })],
  ['our own costs', at('/tracking/v1/runs/costs'), ({ run }) => ({ run_id: run })],
  ['our own defaults', at('/tracking/v1/defaults'), () => ({ library: 'l', param: 'k', limit: '1', page_token: '' })],
  ['our own price lists', at('/tracking/v1/price-lists'), () => ({ limit: '1', page_token: '' })],
  ['our own span segments', ({ experiment }) => `/tracking/v1/experiments/${experiment}/span-segments`, () => ({ limit: '1', page_token: '' })],
];

/** Every route of our own that names something in its path and reads it. */
export const READS: readonly ((id: string) => string)[] = [
  (id) => `/tracking/v1/runs/${id}`, (id) => `/tracking/v1/runs/${id}/cost`, (id) => `/tracking/v1/runs/${id}/reproducibility`,
  (id) => `/tracking/v1/experiments/${id}/cost`, (id) => `/tracking/v1/experiments/${id}/criteria`, (id) => `/tracking/v1/experiments/${id}/span-segments`,
];

/** Makes what the routes are about. */
export async function makeIds(tracking: TrackingClient): Promise<Ids> {
  const traces = new TraceClient(tracking);
  const [experiment, condemned] = [await tracking.experiment(), await tracking.experiment()];
  const run = await tracking.run(experiment);
  const named = { key: 'a', value: 'x' };
  await tracking.mlflow('POST', 'runs/log-batch', { run_id: run, metrics: [metric, { ...metric, key: 'a' }], params: [named], tags: [named] });
  const trace = await traces.told(experiment, { tags: { a: 'x' } });
  const { body } = await traces.v3('POST', `/${trace}/assessments`, { assessment: { ...feedback, assessment_id: '' } });
  const created = await tracking.fetchJson('POST', `/api/2.0/mlflow-artifacts/mpu/create/${experiment}/${run}/artifacts`, { path: 'f', num_parts: 1 });
  return {
    experiment, run, trace, model: await tracking.model(experiment), assessment: body.assessment.assessment_id, upload: created.body.upload_id,
    doomed: { experiment: condemned, run: await tracking.run(condemned), model: await tracking.model(experiment), trace: await traces.told(experiment) },
  };
}
