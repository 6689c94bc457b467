import { decodeEvent } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import { mapEvent, type AnyEvent } from './event.mapping.js';
import { digestAlias, nodeId } from './graph-change.js';

const A = '01970000-0000-7000-8000-00000000000a';
const B = '01970000-0000-7000-8000-00000000000b';
const C = '01970000-0000-7000-8000-00000000000c';
const HEX = 'ab'.repeat(32);

/** `from relation to` of each edge; an alias stands for the node that has it. */
function edgesOf(type: AnyEvent['type'], data: JsonObject): string[] {
  const name = (ref: string | { readonly alias: string }): string => (typeof ref === 'string' ? ref : ref.alias);
  return (mapEvent(decodeEvent<AnyEvent>(type, data), 'team').edges ?? []).map(({ from, relation, to }) => `${name(from)} ${relation} ${name(to)}`);
}

describe('where data comes from', () => {
  it('leads from an origin and a parent to a dataset version', () => {
    const edges = edgesOf('cairn.catalog.v1.DatasetVersionRegistered', {
      versionId: B, datasetId: C, datasetName: 'flights', version: 2, digest: `sha256:${HEX}`, origin: 'npm:vega-datasets@3.2.1',
      derivedFrom: [{ versionId: A, operation: 'contract-clean', rowNumberColumn: 'row' }],
    });
    expect(edges).toEqual([
      `dataset:${C} has-version dataset-version:${B}`,
      `dataset-version:${A} derived-into dataset-version:${B}`,
      expect.stringMatching(new RegExp(`^origin:[0-9a-f-]{36} imported-as dataset-version:${B}$`)),
    ]);
  });

  it('leads from a contract to the version that was checked', () => {
    expect(edgesOf('cairn.catalog.v1.ContractChecked', { versionId: A, contractId: B })).toEqual([`contract:${B} checked dataset-version:${A}`]);
  });
});

describe('what a training set is made of', () => {
  it('leads from view, service and dataset version, each in the version that was used', () => {
    const ref = { viewId: A, viewName: 'airport', viewVersion: 3, feature: 'late' };
    expect(edgesOf('cairn.features.v1.FeatureViewDefined', { viewId: A, name: 'airport', version: 2, datasetName: 'flights' })).toEqual([
      `name:dataset:team/flights feeds feature-view:${A}@2`,
      `feature-view:${A}@1 succeeded-by feature-view:${A}@2`,
    ]);
    expect(edgesOf('cairn.features.v1.FeatureServiceDefined', { serviceId: B, version: 1, features: [ref, { ...ref, feature: 'busy' }] })).toEqual([
      `feature-view:${A}@3 selected-by feature-service:${B}@1`,
    ]);
    expect(
      edgesOf('cairn.features.v1.TrainingSetRequested', { trainingSetId: C, featureServiceId: B, featureServiceVersion: 1, features: [ref], datasetVersionId: A }),
    ).toEqual([
      `feature-service:${B}@1 defines training-set:${C}`,
      `feature-view:${A}@3 joined-into training-set:${C}`,
      `dataset-version:${A} sampled-into training-set:${C}`,
    ]);
  });
});

describe('what is looked up online', () => {
  it('leads from view and dataset version to what was materialised, and from a feature service to the deployment that asks for it', () => {
    expect(edgesOf('cairn.features.v1.FeaturesMaterialised', { materialisationId: C, viewId: A, viewVersion: 3, datasetVersionIds: [B] })).toEqual([
      `feature-view:${A}@3 materialised-as materialisation:${C}`,
      `dataset-version:${B} materialised-into materialisation:${C}`,
    ]);
    const bound = { deploymentId: B, featureServiceId: C, featureServiceName: 'delay', featureServiceVersion: 2 };
    expect(edgesOf('cairn.serving.v1.FeatureLookUpConfigured', bound)).toEqual([`feature-service:${C}@2 looked-up-by deployment:${B}`]);
    expect(edgesOf('cairn.serving.v1.FeatureLookUpConfigured', { deploymentId: B })).toEqual([]);
  });
});

describe('what a run used', () => {
  const input = (dataset: JsonObject): string[] => edgesOf('cairn.tracking.v1.InputsLogged', { runId: A, datasets: [{ context: 'training', ...dataset }] });

  it('is known by the digest of its content, also by one that a client cut short', () => {
    const alias = `digest:team/${HEX.slice(0, 29)}`;
    for (const digest of [`sha256:${HEX}`, HEX, `sha256:${HEX}`.slice(0, 36), HEX.slice(0, 36)]) {
      expect(input({ digest })).toEqual([`${alias} trained run:${A}`]);
    }
    expect(input({ digest: HEX.slice(0, 8) })).toEqual([]);
    expect(digestAlias('team', 'd41d8cd9')).toBeUndefined();
  });

  it('is known by the id in its source', () => {
    expect(input({ source: `{"training_set_id":"${B}"}` })).toEqual([`training-set:${B} trained run:${A}`]);
    expect(input({ source: `http://host/features/v1/training-sets/${B}`, context: 'validation' })).toEqual([`training-set:${B} validated run:${A}`]);
    expect(input({ source: `cairn:dataset-version:${B}` })).toEqual([`dataset-version:${B} trained run:${A}`]);
    expect(input({ source: 's3://elsewhere/file' })).toEqual([]);
  });

  it('is known by tags and parameters', () => {
    const tags = [{ key: 'cairn.job_id', value: B }, { key: 'cairn.training_set_id', value: C }, { key: 'job_id', value: 'no id' }];
    expect(edgesOf('cairn.tracking.v1.RunTagsSet', { runId: A, tags })).toEqual([`job:${B} ran run:${A}`, `training-set:${C} trained run:${A}`]);
    expect(edgesOf('cairn.tracking.v1.ParamsLogged', { runId: A, params: [{ key: 'training_set_id', value: C }] })).toEqual([`training-set:${C} trained run:${A}`]);
  });
});

describe('how a model came to answer', () => {
  it('leads from job to run, from run and training set to version, from version to rollout, replica, deployment and segment', () => {
    expect(edgesOf('cairn.scheduler.v1.JobSucceeded', { jobId: A, outputs: { run_id: B.replaceAll('-', ''), other: 'x' } })).toEqual([`job:${A} ran run:${B}`]);
    expect(edgesOf('cairn.registry.v1.ModelVersionCreated', { versionId: A, modelId: B, runId: C.replaceAll('-', ''), trainingSetId: B })).toEqual([
      `model:${B} has-version model-version:${A}`,
      `run:${C} registered-as model-version:${A}`,
      `training-set:${B} trained model-version:${A}`,
    ]);
    expect(edgesOf('cairn.serving.v1.RolloutStarted', { deploymentId: A, rolloutId: B, versionId: C })).toEqual([
      `model-version:${C} rolled-out-by rollout:${B}`,
      `rollout:${B} changes deployment:${A}`,
    ]);
    expect(edgesOf('cairn.serving.v1.ReplicaProved', { deploymentId: A, rolloutId: B, versionId: C, replicaId: 'replica-0' })).toEqual([
      `model-version:${C} proved-by replica:${A}.replica-0`,
      `rollout:${B} reached replica:${A}.replica-0`,
    ]);
    expect(edgesOf('cairn.serving.v1.FallbackConfigured', { deploymentId: A, kind: 'version', fallbackId: B, versionId: C, version: 1 })).toEqual([
      `model-version:${C} stands-by-in rollout:${B}`,
      `rollout:${B} changes deployment:${A}`,
    ]);
    expect(edgesOf('cairn.serving.v1.KillSwitchEngaged', { deploymentId: A, reason: 'wrong', liveVersionId: C })).toEqual([`model-version:${C} stopped-in deployment:${A}`]);
    expect(edgesOf('cairn.serving.v1.InferenceSegmentSealed', { deploymentId: A, segmentId: B, versionIds: [C, ''] })).toEqual([
      `deployment:${A} recorded-in segment:${B}`,
      `model-version:${C} answered-in segment:${B}`,
    ]);
  });

  it('leads from an incident to the job that it caused', () => {
    expect(edgesOf('cairn.monitoring.v1.IncidentOpened', { incidentId: A, monitorId: B })).toEqual([`monitor:${B} opened incident:${A}`]);
    expect(edgesOf('cairn.scheduler.v1.JobSubmitted', { jobId: C, triggerId: B, triggeredBy: A })).toEqual([`trigger:${B} submitted job:${C}`, `incident:${A} caused job:${C}`]);
  });
});

it('takes both spellings of a UUID for one node', () => {
  expect(nodeId('run', A.replaceAll('-', ''))).toBe(nodeId('run', A));
  expect(nodeId('run', 'something else')).toBe('run:something else');
});

describe('what a run made', () => {
  const model = `m-${'0a'.repeat(16)}`;

  it('leads from run and experiment to a logged model, from there to a version of a registered one and to runs that use it', () => {
    expect(edgesOf('cairn.tracking.v1.LoggedModelCreated', { modelId: model, experimentId: A, name: 'late', sourceRunId: B })).toEqual([
      `experiment:${A} contains logged-model:${model}`,
      `run:${B} produced logged-model:${model}`,
    ]);
    expect(edgesOf('cairn.tracking.v1.ModelOutputsLogged', { runId: B, models: [{ modelId: model, step: '1' }] })).toEqual([`run:${B} produced logged-model:${model}`]);
    expect(edgesOf('cairn.tracking.v1.ModelInputsLogged', { runId: B, modelIds: [model] })).toEqual([`logged-model:${model} used-by run:${B}`]);
    expect(edgesOf('cairn.registry.v1.ModelVersionCreated', { versionId: A, modelId: C, version: 1, source: `models:/${model}` })).toContain(
      `logged-model:${model} registered-as model-version:${A}`,
    );
  });

  it('leads from a dataset to the logged models that were measured on it, once each', () => {
    const edges = edgesOf('cairn.tracking.v1.MetricsLogged', {
      runId: B, keys: ['auc', 'loss', 'other'], values: [0.7, 0.1, 1], modelIds: [model, model, ''], datasetNames: ['d', 'd', ''], datasetDigests: [HEX, HEX, ''],
    });
    expect(edges).toEqual([`digest:team/${HEX.slice(0, 29)} evaluated logged-model:${model}`]);
  });
});

describe('what a trace is of', () => {
  it('leads from run, model and prompt version to a trace, which is known within its workspace', () => {
    const [run, model] = [B.replaceAll('-', ''), `m-${'0a'.repeat(16)}`];
    const metadata = [{ key: 'mlflow.sourceRun', value: run }, { key: 'mlflow.modelId', value: model }, { key: 'mlflow.user', value: 'ada' }];
    expect(edgesOf('cairn.tracking.v1.TraceStarted', { traceId: 'tr-1', experimentId: A, metadata })).toEqual([
      `experiment:${A} contains trace:team/tr-1`,
      `run:${B} traced trace:team/tr-1`,
      `logged-model:${model} answered trace:team/tr-1`,
    ]);
    expect(edgesOf('cairn.tracking.v1.TraceLinkedToRun', { traceId: 'tr-1', runId: run })).toEqual([`run:${B} traced trace:team/tr-1`]);
    expect(edgesOf('cairn.tracking.v1.TraceLinkedToPrompts', { traceId: 'tr-1', prompts: [{ name: 'greeting', version: '2' }] })).toEqual([
      'name:model-version:team/greeting/2 prompted trace:team/tr-1',
    ]);
    expect(edgesOf('cairn.tracking.v1.SpanSegmentSealed', { segmentId: C, experimentId: A })).toEqual([`experiment:${A} contains segment:${C}`]);
  });
});
