import type { BatchLimits } from '../batching/batch-request.js';
import { Batcher } from '../batching/batcher.js';
import type { Batching } from '../deployment/domain/batching.js';
import type { Deployment, DeploymentState, Rollout } from '../deployment/domain/state.js';
import type { LogOwner } from '../inference-log/recorder/inference-recorder.js';
import type { Assignment } from '../replica/replica-agent.js';
import { route, type Candidate, type Route } from '../router/route.js';
import { StageRecorder } from '../router/stage-recorder.js';
import type { ReplicaGroup } from './replica-group.js';
import type { ServedVersion } from './served-version.js';

/** What is in force for one deployment, as its events say, and what is being seen of it. */
export class DeploymentRuntime {
  live: ServedVersion | undefined;
  candidate: Candidate<ServedVersion> | undefined;
  /** The version that stands by. */
  fallback: ServedVersion | undefined;
  /** Of the candidate in its present stage. */
  recorder = new StageRecorder();
  readonly batcher: Batcher;
  private stageKey = '';
  private readonly comparisons = new Set<Promise<void>>();

  constructor(
    readonly workspace: string,
    public deployment: Deployment,
    readonly group: ReplicaGroup,
  ) {
    this.batcher = new Batcher(() => batchLimits(this.deployment.batching), group);
  }

  get logOwner(): LogOwner {
    const { deploymentId, name, logging } = this.deployment;
    return { workspace: this.workspace, deploymentId, deploymentName: name, logging };
  }

  /** Whether the kill switch is on. */
  get killed(): boolean {
    return this.deployment.killed;
  }

  /** The version whose readiness is the deployment's; undefined: the fallback answers, which is always ready. */
  get answering(): ServedVersion | undefined {
    return this.killed ? undefined : this.live;
  }

  /** The version that a question without one is about: the live one, else the one that is being rolled out, else the one that stands by. */
  get shown(): ServedVersion | undefined {
    return this.live ?? this.candidate?.version ?? this.fallback;
  }

  /** Whether features that a request leaves out are looked up: not for the constant, which answers while the kill switch is on and no version stands by that is ready. */
  get needsFeatures(): boolean {
    return this.deployment.featureLookUp !== undefined && !(this.killed && this.standby === undefined);
  }

  /** Who answers whom, as far as replicas of this process can. */
  route(key: string): Route<ServedVersion> {
    return route(this.live, this.candidate, key, { version: this.standby, killed: this.killed });
  }

  private get standby(): ServedVersion | undefined {
    return this.fallback !== undefined && this.group.ready(this.fallback.versionId).length > 0 ? this.fallback : undefined;
  }

  /** What can be in force at once is: the kill switch must not wait until a version is known or loaded. */
  heed(deployment: Deployment): void {
    this.deployment = deployment;
    const stopped = deployment.killed ? [this.live, this.candidate?.version] : [];
    this.batcher.stop(stopped.filter((version) => version !== undefined).map(({ versionId }) => versionId));
  }

  /** A stage that is entered is counted from nothing. */
  apply(live: ServedVersion | undefined, rollout: Rollout | undefined, candidate: ServedVersion | undefined, fallback: ServedVersion | undefined): void {
    this.live = live;
    this.fallback = fallback;
    this.candidate =
      rollout === undefined || candidate === undefined
        ? undefined
        : { version: candidate, rolloutId: rollout.rolloutId, stage: rollout.stage, weight: rollout.weight };
    const stageKey = rollout === undefined ? '' : `${rollout.rolloutId}/${rollout.stage}`;
    if (stageKey !== this.stageKey) this.recorder = new StageRecorder();
    this.stageKey = stageKey;
    this.heed(this.deployment);
    const { workspace } = this;
    const { deploymentId } = this.deployment;
    this.group.assign(this.held.map((version): Assignment => ({ ...version, workspace, deploymentId })));
  }

  /** Versions that a request may ask for by number. */
  served(version: string): ServedVersion | undefined {
    return [this.live, this.candidate?.version].find((served) => served !== undefined && String(served.version) === version);
  }

  /** All that replicas are to have loaded. */
  get held(): readonly ServedVersion[] {
    return [this.live, this.candidate?.version, this.fallback].filter((version) => version !== undefined);
  }

  get comparing(): number {
    return this.comparisons.size;
  }

  /** Runs beside the requests; nobody waits for it but `comparisonsSettled`. */
  compare(comparison: Promise<void>): void {
    const tracked = comparison.finally(() => this.comparisons.delete(tracked));
    this.comparisons.add(tracked);
  }

  /** Resolves when what was being compared at the moment is counted. */
  async comparisonsSettled(): Promise<void> {
    await Promise.all(this.comparisons);
  }
}

function batchLimits({ maxRows, maxQueued, delayUs, preferredRows }: Batching): BatchLimits {
  return { maxRows, maxQueued, delayMs: delayUs / 1_000, preferredRows };
}

/** The versions that a state names. */
export function versionsOf(state: DeploymentState): { readonly live: Deployment['live']; readonly rollout: Rollout | undefined; readonly fallback: Deployment['fallback'] } {
  if (state.status === 'absent') return { live: undefined, rollout: undefined, fallback: undefined };
  const { live, fallback } = state.deployment;
  return { live, fallback, rollout: state.status === 'rolling' ? state.rollout : undefined };
}
