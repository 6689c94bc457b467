import { newId } from '@cairn/kernel';
import { startTestService, type JsonAnswer, type TestService, type TestServiceOptions } from '@cairn/testing';
import { service } from '../../src/app.module.js';

/** A tracking service of its own, spoken to as MLflow's client does. */
export interface TrackingClient extends TestService {
  mlflow(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, fields?: Readonly<Record<string, unknown>>): Promise<JsonAnswer>;
  /** Id of a new experiment. */
  experiment(name?: string): Promise<string>;
  /** Id of a new logged model. */
  model(experimentId: string, fields?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Id of a new run. */
  run(experimentId: string, fields?: Readonly<Record<string, unknown>>): Promise<string>;
}

export async function startTracking(options: TestServiceOptions = {}): Promise<TrackingClient> {
  const tracking = await startTestService(service, options);
  const mlflow = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, fields: Readonly<Record<string, unknown>> = {}): Promise<JsonAnswer> => {
    if (method !== 'GET') return tracking.fetchJson(method, `/api/2.0/mlflow/${path}`, fields);
    const query = new URLSearchParams(Object.entries(fields).map(([key, value]): [string, string] => [key, String(value)]));
    return tracking.fetchJson('GET', `/api/2.0/mlflow/${path}?${query}`);
  };
  const experiment = async (name = `experiment ${newId()}`): Promise<string> => (await mlflow('POST', 'experiments/create', { name })).body.experiment_id;
  const run = async (experimentId: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    (await mlflow('POST', 'runs/create', { experiment_id: experimentId, start_time: 1, ...fields })).body.run.info.run_id;
  const model = async (experimentId: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    (await mlflow('POST', 'logged-models', { experiment_id: experimentId, name: 'model', ...fields })).body.model.info.model_id;
  return Object.assign(tracking, { mlflow, experiment, run, model });
}

export const NO_MODEL = `m-${'0'.repeat(32)}`;
export const NO_RUN = '0'.repeat(32);
export const NO_EXPERIMENT = '00000000-0000-7000-8000-000000000000';
