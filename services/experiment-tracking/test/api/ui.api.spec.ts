import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_EXPERIMENT, NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

interface UiRequest {
  readonly page: string;
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  /** What the page shows of the answer. */
  readonly reads: readonly string[];
}

/** What the pages of MLflow 3.17.2 asked a running stack for, as a browser sent it, with placeholders for ids. */
const requests = JSON.parse(readFileSync(new URL('../fixtures/mlflow-ui-requests.json', import.meta.url), 'utf8')) as UiRequest[];
const getRun = requests.find(({ page, path }) => page === 'run' && path === '/graphql')?.body ?? {};

const ofRegistry: { readonly url: string | undefined; readonly workspace: string | string[] | undefined; readonly token: string | undefined }[] = [];
const registry = createServer(({ url, headers }, response) => {
  ofRegistry.push({ url, workspace: headers['x-mlflow-workspace'], token: headers.authorization });
  response.writeHead(headers['x-mlflow-workspace'] === 'broken' ? 500 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ model_versions: [{ name: 'flights', version: '3', status: 'READY', source: 'models:/m-1', creation_timestamp: 1 }] }));
});

let tracking: TrackingClient;
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  await new Promise<void>((listening) => registry.listen(0, '127.0.0.1', listening));
  tracking = await startTracking({ config: { gatewayUrl: `http://127.0.0.1:${(registry.address() as AddressInfo).port}` } });
  ids = await fill('flights');
});
afterAll(async () => {
  await tracking.close();
  await new Promise((closed) => registry.close(closed));
});

async function fill(name: string): Promise<Readonly<Record<string, string>>> {
  const experiment = await tracking.experiment(name);
  const run = await tracking.run(experiment);
  const model = await tracking.model(experiment, { source_run_id: run });
  const metrics = [['loss', 0.5], ['nan', 'NaN'], ['inf', '-Infinity']].map(([key, value]) => ({ key, value, timestamp: 5, step: 1 }));
  await tracking.mlflow('POST', 'runs/log-batch', { run_id: run, metrics, params: [{ key: 'lr', value: '0.1' }], tags: [{ key: 'team', value: 'red' }] });
  const dataset = { name: 'flights', digest: 'abc', source_type: 'local', source: '{}' };
  await tracking.mlflow('POST', 'runs/log-inputs', { run_id: run, datasets: [{ dataset, tags: [{ key: 'mlflow.data.context', value: 'training' }] }] });
  await tracking.mlflow('POST', 'runs/outputs', { run_id: run, models: [{ model_id: model, step: 0 }] });
  await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experiment}/${run}/artifacts/notes.txt`, { method: 'PUT', body: 'hello' });
  return { experiment, run, model };
}

const filled = (text: string): string => text.replace(/<(experiment|run|model)>/g, (_, name: string) => ids[name] ?? '');
const ask = ({ method, path, body }: Pick<UiRequest, 'method' | 'path' | 'body'>) =>
  tracking.fetchJson(method, filled(path), body === undefined ? undefined : JSON.parse(filled(JSON.stringify(body))));
const graphql = (body: object, headers = {}) => tracking.fetchJson('POST', '/graphql', body, headers);
const runOf = (runId: string | undefined, headers = {}) => graphql({ ...getRun, variables: { data: { runId } } }, headers);

describe('200', () => {
  it.each(requests)('$page: $method $path', async ({ reads, ...request }) => {
    const { status, body } = await ask(request);
    expect(status, JSON.stringify(body)).toBe(200);
    for (const path of reads) expect(body).toHaveProperty(path);
  });

  it('POST /graphql gives whole numbers as texts, NaN as nothing and an infinity as the greatest number', async () => {
    const { body } = await runOf(ids['run']);
    expect(body.data.mlflowGetRun.apiError).toBeNull();
    expect(body.data.mlflowGetRun.run.data.metrics).toEqual([
      { __typename: 'MlflowMetric', key: 'inf', value: -Number.MAX_VALUE, step: '1', timestamp: '5' },
      { __typename: 'MlflowMetric', key: 'loss', value: 0.5, step: '1', timestamp: '5' },
      { __typename: 'MlflowMetric', key: 'nan', value: null, step: '1', timestamp: '5' },
    ]);
    expect(body.data.mlflowGetRun.run.info).toMatchObject({ startTime: '1', status: 'RUNNING' });
  });

  it('POST /graphql gives empty lists where REST leaves them out', async () => {
    const { body } = await runOf(await tracking.run(await tracking.experiment()));
    const { run } = body.data.mlflowGetRun;
    expect([run.data.metrics, run.inputs.datasetInputs, run.outputs.modelOutputs, run.experiment.tags]).toEqual([[], [], [], []]);
  });

  it('POST /graphql asks the registry, as whoever asks, for the versions of a run', async () => {
    const { body } = await runOf(ids['run'], { authorization: 'Bearer t', 'x-mlflow-workspace': 'default' });
    expect(body.data.mlflowGetRun.run.modelVersions).toEqual([{ __typename: 'MlflowModelVersion', name: 'flights', version: '3', status: 'READY', source: 'models:/m-1' }]);
    const { url, ...caller } = ofRegistry.at(-1) ?? {};
    expect(caller).toEqual({ workspace: 'default', token: 'Bearer t' });
    expect(new URL(url ?? '', 'http://registry').searchParams.get('filter')).toBe(`run_id = '${ids['run']}'`);
  });

  it('POST /graphql does without the registry while that does not answer', async () => {
    const headers = { 'x-mlflow-workspace': 'broken' };
    const { body: created } = await tracking.fetchJson('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' }, headers);
    const { status, body } = await runOf(created.run.info.run_id, headers);
    expect([status, body.data.mlflowGetRun.run.modelVersions]).toEqual([200, []]);
  });

  it('POST /graphql says of what is not there, or elsewhere, that it is not', async () => {
    const apiError = { code: 'RESOURCE_DOES_NOT_EXIST', message: `Run with id=${NO_RUN} not found` };
    expect((await runOf(NO_RUN)).body.data.mlflowGetRun).toMatchObject({ run: null, apiError });
    expect((await runOf(ids['run'], { 'x-mlflow-workspace': 'red' })).body.data.mlflowGetRun).toMatchObject({ run: null, apiError: { code: 'RESOURCE_DOES_NOT_EXIST' } });
    const query = '{ mlflowGetExperiment(input: { experimentId: "ID" }) { experiment { name } apiError { code } } }';
    const { body } = await graphql({ query: query.replace('ID', NO_EXPERIMENT) });
    expect(body.data.mlflowGetExperiment).toEqual({ experiment: null, apiError: { code: 'RESOURCE_DOES_NOT_EXIST' } });
    const { body: unnamed } = await graphql({ query: query.replace('ID', '') });
    expect(unnamed.data.mlflowGetExperiment.apiError).toEqual({ code: 'INVALID_PARAMETER_VALUE' });
  });
});

describe('400', () => {
  it.each([
    ['no query', {}],
    ['a query that is none', { query: 'SELECT 1' }],
    ['a field that is not there', { query: '{ mlflowGetRun(input: {}) { secret } }' }],
    ['variables of another kind', { ...getRun, variables: { data: { runId: ['a'] } } }],
    ['no variables', { ...getRun, variables: 'none' }],
    ['variables that the input does not have', { ...getRun, variables: { data: { __proto__: null, constructor: 1 } } }],
    ['another operation than there is', { query: 'mutation { mlflowDelete }' }],
    ['a list', []],
  ])('POST /graphql refuses %s', async (_, body) => {
    expect(await graphql(body)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });
});
