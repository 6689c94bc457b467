import { newId } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import type { BatchRequest } from '../batching/batch-request.js';
import { FeatureLookUps, type RequestFeatures } from '../features/feature-look-ups.js';
import { fillRequest } from '../features/fill-request.js';
import type { DeploymentRuntime } from '../fleet/deployment-runtime.js';
import { Fleet } from '../fleet/fleet.js';
import type { ServedVersion } from '../fleet/served-version.js';
import { InferenceRecorder } from '../inference-log/recorder/inference-recorder.js';
import { WithdrawnError } from '../replica/replica.js';
import type { Arm, Route } from '../router/route.js';
import type { StageRecorder } from '../router/stage-recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkInputs, checkRows, rowsOf } from '../v2/check-inputs.js';
import type { InferAnswer } from '../v2/encode-response.js';
import type { InferRequest } from '../v2/infer-request.js';
import { V2Error } from '../v2/v2-error.js';
import { classified } from './classification.js';
import { checkedBy, describedBy, fallbackParameters, killedVersion, pinnedTo } from './chosen-route.js';
import { featuresOf, NO_FEATURES } from './feature-layout.js';
import { InferenceMetrics } from './inference-metrics.js';
import { InferenceStatistics, type AnsweredRequest } from './inference-statistics.js';
import { fallbackOutput, predictionsOf, type Predictions } from './predictions.js';
import { isUnableHere, isVersionFault, toV2Error } from './replica-failure.js';
import { eventTimeOf, keyOf, urgencyOf, type Urgency } from './request-facts.js';

/** Comparisons that may run beside a deployment's requests; above it they are dropped and counted, so that they never slow an answer. */
const MAX_COMPARISONS = 16;

/** Behind everybody who waits for an answer. */
const COMPARISON: Urgency = { priority: Infinity, timeoutMs: undefined };

/** A request on its way: everything that is known before anybody runs it. */
interface Asked {
  readonly runtime: DeploymentRuntime;
  /** Of the stage that the request came in. */
  readonly recorder: StageRecorder;
  readonly inferenceId: string;
  /** Who asks. */
  readonly key: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
  readonly rows: number;
  readonly eventTimeMs: number;
  readonly columns: readonly string[];
  readonly features: Float64Array;
  /** Of those that were looked up. */
  readonly looked: Pick<RequestFeatures, 'versions'> | undefined;
}

interface Answered extends Predictions {
  readonly outputs: readonly Tensor[];
  readonly latencyMs: number;
}

interface Chosen extends Pick<Route<ServedVersion>, 'propensity' | 'version'> {
  readonly arm: Arm;
}

type Ran = Answered & AnsweredRequest;

/** The data plane: who answers, who is compared, and what of it is kept. */
@Injectable()
export class InferenceService {
  constructor(
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(InferenceRecorder) private readonly log: InferenceRecorder,
    @Inject(InferenceMetrics) private readonly metrics: InferenceMetrics,
    @Inject(InferenceStatistics) private readonly statistics: InferenceStatistics,
    @Inject(FeatureLookUps) private readonly features: FeatureLookUps,
  ) {}

  /** Throws V2Error 400 for a model that nobody deployed. */
  deployed(workspace: string, model: string): DeploymentRuntime {
    const runtime = this.fleet.find(workspace, model);
    if (runtime === undefined) throw new V2Error(400, `Request for unknown model: '${model}' is not found`);
    return runtime;
  }

  /** By number, or by an alias that the registry gave it. Throws V2Error 404 for what is neither live nor being rolled out. */
  version(runtime: DeploymentRuntime, version: string): ServedVersion {
    const carries = ({ versionId }: ServedVersion): boolean => this.fleet.aliases.carries(versionId, version);
    // An alias that both carry is on its way to the newer one.
    const served = runtime.served(version) ?? [runtime.candidate?.version, runtime.live].find((known) => known !== undefined && carries(known));
    if (served === undefined) throw new V2Error(404, `Request for unknown model: '${runtime.deployment.name}' version ${version} is not found`);
    return served;
  }

  /**
   * `version` pins the answer to one version and leaves the rollout's routing and judgement aside. A `signal` that is aborted takes a request that still waits for a
   * replica out of the queue.
   */
  async infer(workspace: string, model: string, version: string | undefined, sent: InferRequest, signal?: AbortSignal): Promise<InferAnswer> {
    const runtime = this.deployed(workspace, model);
    const pinned = version === undefined ? undefined : this.version(runtime, version);
    // Before the route is taken: what is in force may change while the feature store is asked.
    const looked = runtime.needsFeatures ? await this.lookUp(runtime, sent, pinned) : undefined;
    const inferenceId = newId();
    const key = keyOf(sent, inferenceId);
    const chosen = pinned === undefined ? runtime.route(key) : pinnedTo(runtime, pinned);
    const described = describedBy(runtime, chosen);
    const request = looked === undefined || described === undefined ? sent : fillRequest(sent, described.signature, looked, model);
    const asked = { ...this.accept(runtime, request, chosen, inferenceId), key, signal, looked };
    // A replica takes the tensors' memory: whoever runs second needs a copy made before.
    const copies = chosen.compare === undefined ? [] : request.inputs.map((input): Tensor => ({ ...input, data: input.data.slice() }));
    const answered = await this.answer(asked, request, chosen);
    const { route } = answered;
    const kept = this.keep(asked, route, answered);
    if (chosen.compare !== undefined) this.compare(asked, chosen.compare, copies, answered.values);
    await kept;
    const modelVersion = route.version === undefined ? '' : String(route.version.version);
    const parameters = { inference_id: inferenceId, arm: route.arm, model_version: modelVersion, ...fallbackParameters(route), ...looked?.parameters };
    return { modelName: model, modelVersion, parameters, outputs: classified(answered.outputs, request, route.version?.signature.outputs ?? []) };
  }

  private lookUp({ workspace, deployment, shown }: DeploymentRuntime, sent: InferRequest, pinned: ServedVersion | undefined): Promise<RequestFeatures | undefined> {
    return this.features.find(workspace, deployment, sent, (pinned ?? shown)?.signature);
  }

  /** Refuses what does not fit before it costs anything, and notes what the log will want. */
  private accept(runtime: DeploymentRuntime, request: InferRequest, chosen: Route<ServedVersion>, inferenceId: string): Omit<Asked, 'key' | 'signal' | 'looked'> {
    const { name } = runtime.deployment;
    const described = checkedBy(runtime, chosen);
    const { maxRows } = runtime.deployment.batching;
    if (described === undefined) checkRows(request, name, maxRows);
    else checkInputs(request, name, described.signature, maxRows);
    const rows = rowsOf(request, described?.signature.inputs);
    const eventTimeMs = eventTimeOf(request, Date.now());
    if (!this.log.hasRoom(runtime.logOwner, rows)) throw new V2Error(503, 'the inference log is full: what can’t be logged is not answered');
    const layout = described?.layout ?? NO_FEATURES;
    const features = featuresOf(layout, request.inputs, rows);
    return { runtime, recorder: runtime.recorder, inferenceId, rows, eventTimeMs, columns: layout.columns, features };
  }

  /** What the kill switch withdraws before it begins is for the fallback, and so for the constant what the version that stands by can't answer here. */
  private async answer(asked: Asked, request: InferRequest, chosen: Route<ServedVersion>): Promise<Answered & { readonly route: Route<ServedVersion> }> {
    const { runtime, key } = asked;
    const { arm, version } = chosen;
    if (version === undefined) return { ...this.answerConstant(asked, chosen), route: chosen };
    try {
      return { ...(await this.answerBy(version, asked, request, chosen)), route: chosen };
    } catch (error) {
      if (error instanceof WithdrawnError && arm !== 'pinned') return this.answer(asked, { ...request, inputs: error.inputs }, runtime.route(key));
      if (error instanceof WithdrawnError) throw killedVersion(runtime, version, { cause: error });
      if (arm === 'fallback' && isUnableHere(error)) return this.answer(asked, request, { ...chosen, version: undefined });
      throw error instanceof V2Error ? error : toV2Error(error, runtime.deployment.name);
    }
  }

  private answerConstant({ runtime, recorder, rows }: Asked, chosen: Route<ServedVersion>): Answered {
    const { name, fallbackValue } = runtime.deployment;
    const output = fallbackOutput(describedBy(runtime, chosen)?.signature.outputs ?? [], fallbackValue, rows);
    const answered = { outputs: [output], ...predictionsOf([output], rows), latencyMs: 0 };
    this.metrics.answered(name, chosen.arm, rows, 0);
    if (chosen.killed !== true) recorder.incumbentAnswered(answered.values);
    return answered;
  }

  private async answerBy(version: ServedVersion, asked: Asked, request: InferRequest, { arm, killed }: Route<ServedVersion>): Promise<Answered> {
    const { runtime, recorder, rows } = asked;
    const { name } = runtime.deployment;
    const onTrial = arm === 'canary' || arm === 'full';
    const statistics = this.statistics.of(runtime.deployment.deploymentId, version.versionId);
    const startedAt = performance.now();
    try {
      const answered = await this.run(asked, version, request.inputs, { ...urgencyOf(request), signal: asked.signal });
      this.metrics.answered(name, arm, rows, answered.latencyMs);
      statistics.answered(answered, Date.now());
      if (onTrial) recorder.ran({ predictions: answered.values, ...answered });
      else if (arm !== 'pinned' && killed !== true) recorder.incumbentAnswered(answered.values);
      return answered;
    } catch (error) {
      if (error instanceof WithdrawnError) throw error;
      this.metrics.failed(name, arm);
      statistics.failed(performance.now() - startedAt);
      if (onTrial && isVersionFault(error)) recorder.failed();
      throw error;
    }
  }

  private async run({ runtime, rows }: Asked, version: ServedVersion, inputs: readonly Tensor[], urgency: Urgency & Pick<BatchRequest, 'signal'>): Promise<Ran> {
    const startedAt = performance.now();
    const { outputs, queueMs, runMs, batchRows } = await runtime.batcher.run({ versionId: version.versionId, inputs, rows, ...urgency });
    return { outputs, ...predictionsOf(outputs, rows), rows, queueMs, runMs, batchRows, latencyMs: performance.now() - startedAt };
  }

  /** Beside the answer, which is on its way already: it may be dropped, and it may fail, and the caller never knows. */
  private compare(asked: Asked, version: ServedVersion, inputs: readonly Tensor[], answered: Float64Array): void {
    const { runtime, recorder } = asked;
    if (runtime.comparing >= MAX_COMPARISONS) {
      recorder.notCompared();
      return;
    }
    const comparison = this.run(asked, version, inputs, COMPARISON).then(
      (result) => {
        recorder.ran({ predictions: result.values, ...result }, answered);
        void this.keep(asked, { arm: 'shadow', propensity: 1, version }, result);
      },
      (error: unknown) => {
        if (isVersionFault(error)) recorder.failed();
        else recorder.notCompared();
        this.metrics.failed(runtime.deployment.name, 'shadow');
      },
    );
    runtime.compare(comparison);
  }

  /** Resolves when the death of this process would no longer lose it. */
  private keep(asked: Asked, { arm, propensity, version }: Chosen, { values, latencyMs }: Answered): Promise<void> {
    const { runtime, inferenceId, eventTimeMs, columns, features, looked } = asked;
    const chosen = { arm, propensity, versionId: version?.versionId ?? '' };
    const used = { features, ...(looked !== undefined && { featureVersions: looked.versions }) };
    return this.log.record(runtime.logOwner, columns, { inferenceId, timeMs: Date.now(), eventTimeMs, ...chosen, latencyMs, ...used, predictions: values });
  }
}
