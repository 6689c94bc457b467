import { buildSchema } from 'graphql';

/**
 * Of MLflow's GraphQL schema what its web pages ask for: an experiment, and a run with its experiment and the model versions that came of it. Everything
 * else they read over REST. 64-bit integers are texts, as with MLflow.
 */
export const schema = buildSchema(`
  directive @component(name: String!) on QUERY | MUTATION

  scalar LongString

  type Query {
    mlflowGetExperiment(input: MlflowGetExperimentInput!): MlflowGetExperimentResponse
    mlflowGetRun(input: MlflowGetRunInput!): MlflowGetRunResponse
  }

  input MlflowGetExperimentInput { experimentId: String }
  input MlflowGetRunInput { runId: String, runUuid: String }

  type ApiError { code: String, message: String, helpUrl: String }

  type MlflowGetExperimentResponse { experiment: MlflowExperiment, apiError: ApiError }
  type MlflowExperiment {
    experimentId: String
    name: String
    artifactLocation: String
    lifecycleStage: String
    lastUpdateTime: LongString
    creationTime: LongString
    tags: [MlflowTag!]
    effectiveTraceArchivalRetention: String
  }

  type MlflowGetRunResponse { run: MlflowRun, apiError: ApiError }
  type MlflowRun {
    info: MlflowRunInfo
    data: MlflowRunData
    inputs: MlflowRunInputs
    outputs: MlflowRunOutputs
    experiment: MlflowExperiment
    modelVersions: [MlflowModelVersion!]
  }
  enum MlflowRunStatus { RUNNING SCHEDULED FINISHED FAILED KILLED }
  type MlflowRunInfo {
    runId: String
    runUuid: String
    runName: String
    experimentId: String
    userId: String
    status: MlflowRunStatus
    startTime: LongString
    endTime: LongString
    artifactUri: String
    lifecycleStage: String
  }
  type MlflowRunData { metrics: [MlflowMetric!], params: [MlflowTag!], tags: [MlflowTag!] }
  type MlflowMetric { key: String, value: Float, timestamp: LongString, step: LongString }
  type MlflowTag { key: String, value: String }
  type MlflowRunInputs { datasetInputs: [MlflowDatasetInput!], modelInputs: [MlflowModelInput!] }
  type MlflowDatasetInput { tags: [MlflowTag!], dataset: MlflowDataset }
  type MlflowDataset { name: String, digest: String, sourceType: String, source: String, schema: String, profile: String }
  type MlflowModelInput { modelId: String }
  type MlflowRunOutputs { modelOutputs: [MlflowModelOutput!] }
  type MlflowModelOutput { modelId: String, step: LongString }
  type MlflowModelVersion { name: String, version: String, status: String, source: String, runId: String }
`);
