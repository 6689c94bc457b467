import { createHash } from 'node:crypto';
import { encodeEvent } from '@cairn/contracts';
import { newId, streamName, type DomainEvent } from '@cairn/kernel';
import { startTestService, type JsonAnswer, type TestService, type TestServiceOptions } from '@cairn/testing';
import { service } from '../../src/app.module.js';

/** By the tokens that are their names. carl submits the jobs of other services' facts. */
const TOKENS = new Map(['ada', 'bob', 'carl', 'training-scheduler'].map((name) => [createHash('sha256').update(name).digest('hex'), name]));

export type Principal = 'ada' | 'bob' | 'carl' | 'training-scheduler';

/** A registry of its own, with people and a service as principals, and with the facts that other services would have recorded. */
export interface RegistryClient extends TestService {
  as(principal: Principal, method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<JsonAnswer>;
  /** Name of a new model. */
  model(gates?: readonly string[]): Promise<string>;
  /** A new version by ada, with everything that a gate may ask for unless told otherwise; answers its card. */
  version(modelName: string, changes?: Readonly<Record<string, unknown>>): Promise<JsonAnswer>;
  /** Puts a fact into the log as its own service would. */
  record(stream: string, ...events: readonly DomainEvent[]): Promise<void>;
}

const tensor = { name: 'x', datatype: 'FP32', shape: [-1, 2], columns: ['a', 'b'] };
export const signature = { inputs: [tensor], outputs: [{ ...tensor, name: 'y', shape: [-1, 1], columns: [] }] };

export async function startRegistry({ config, ...options }: TestServiceOptions = {}): Promise<RegistryClient> {
  const registry = await startTestService(service, { ...options, config: { auth: { tokens: TOKENS }, ...config } });
  const as: RegistryClient['as'] = (principal, method, path, body, headers = {}) =>
    registry.fetchJson(method, path, body, { authorization: `Bearer ${principal}`, ...headers });
  const content = await registry.running.parts.objectStore.put(Buffer.from('a model'));
  const model = async (gates?: readonly string[]): Promise<string> => {
    const name = `model ${newId()}`;
    await as('ada', 'POST', '/registry/v1/models', { name });
    if (gates !== undefined) await as('ada', 'PUT', `/registry/v1/models/${encodeURIComponent(name)}/gates`, { alias: 'champion', gates });
    return name;
  };
  const version: RegistryClient['version'] = (modelName, changes = {}) =>
    as('ada', 'POST', `/registry/v1/models/${encodeURIComponent(modelName)}/versions`, {
      run_id: newId(), source: 'runs:/r/model.onnx', digest: content.digest, size_bytes: 7, signature, training_set_id: newId(), golden_digest: content.digest, ...changes,
    });
  const record: RegistryClient['record'] = async (stream, ...events) => {
    const meta = { source: '/test', workspace: 'default', actor: { principal: 'carl' }, correlationId: newId() };
    await registry.store.append([{ stream, expected: 'any', events: events.map((event) => ({ id: newId(), type: event.type, data: encodeEvent(event), meta })) }]);
  };
  return Object.assign(registry, { as, model, version, record });
}

/** Everything that the gates may ask for, for one version. */
export async function recordEvidence(registry: RegistryClient, card: { readonly run_id: string; readonly training_set_id: string }, verdict = 'pass', auc = 0.706): Promise<void> {
  const { run_id: runId, training_set_id: trainingSetId } = card;
  const versionId = newId();
  const criterion = { metric: 'auc', comparison: '>=', threshold: 0.68, baselineMetric: '', sampleMetric: '', minimumSample: 0n };
  await registry.record(streamName('dataset-version', versionId),
    { type: 'cairn.catalog.v1.DatasetVersionRegistered', data: { versionId, datasetName: 'flights', version: 2 } },
    { type: 'cairn.catalog.v1.DatasetVersionCertified', data: { versionId, level: 'golden', contractVersion: '1.0.0' } });
  await registry.record(streamName('training-set', trainingSetId),
    { type: 'cairn.features.v1.TrainingSetRequested', data: { trainingSetId, name: 'flights-q1', datasetVersionId: versionId } },
    { type: 'cairn.features.v1.LeakageCheckPassed', data: { trainingSetId, rowsChecked: 100n } },
    { type: 'cairn.features.v1.TrainingSetBuilt', data: { trainingSetId, rowCount: 100n } });
  await registry.record(`run-${runId}`,
    { type: 'cairn.tracking.v1.RunStarted', data: { runId, criteriaVersion: 1, criteria: [criterion] } },
    { type: 'cairn.tracking.v1.RunFinished', data: { runId, status: 'FINISHED' } },
    { type: 'cairn.tracking.v1.CriteriaJudged', data: { runId, criteriaVersion: 1, verdict, results: [{ criterion, verdict, observed: auc, required: 0.68 }] } });
  const jobId = newId();
  await registry.record(streamName('job', jobId),
    { type: 'cairn.scheduler.v1.JobSubmitted', data: { jobId } }, { type: 'cairn.scheduler.v1.JobSucceeded', data: { jobId, outputs: { run_id: runId } } });
}

export const NOBODY = '00000000-0000-7000-8000-000000000000';
