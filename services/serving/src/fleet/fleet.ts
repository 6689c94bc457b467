import { DomainError, streamId } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import { LOGGER, OBJECT_STORE, type Logger } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { evolve, type DeploymentState, type RolledVersion } from '../deployment/domain/state.js';
import { signatureOf, type Signature } from '../deployment/views/servable-version/signature.js';
import { featureLayout } from '../inference/feature-layout.js';
import type { ControlPlane } from '../replica/control-plane.js';
import { ReplicaAgent } from '../replica/replica-agent.js';
import type { StartReplica } from '../replica/replica.js';
import { DeploymentRuntime, versionsOf } from './deployment-runtime.js';
import { ReplicaGroup } from './replica-group.js';
import type { ServedVersion } from './served-version.js';
import { isAliasEvent, VersionAliases } from './version-aliases.js';
import type { WorkFeed, WorkItem } from './work-feed.js';

/** `StartReplica`. */
export const START_REPLICA = Symbol('serving.StartReplica');
/** `WorkFeed`. */
export const WORK_FEED = Symbol('serving.WorkFeed');
/** `ControlPlane`. */
export const CONTROL_PLANE = Symbol('serving.ControlPlane');

const REACH_TIMEOUT_MS = 5_000;

interface Followed {
  readonly workspace: string;
  readonly state: DeploymentState;
  readonly revision: bigint;
}

/**
 * All deployments of this process, kept as the log says: every process that follows the same log routes alike. It reads events and not the read model because a route that is in
 * force must not wait for a table, and because a replica has none.
 */
@Injectable()
export class Fleet {
  readonly aliases = new VersionAliases();
  private readonly signatures = new Map<string, Signature>();
  private readonly followed = new Map<string, Followed>();
  private readonly stale = new Set<string>();
  private readonly runtimes = new Map<string, DeploymentRuntime>();
  private readonly byName = new Map<string, DeploymentRuntime>();
  private readonly waiting = new Set<{ readonly position: bigint; readonly resolve: () => void }>();
  private readonly stopping = new AbortController();
  private next = 0n;
  private hasReadStart = false;
  private loop: Promise<void> | undefined;

  constructor(
    @Inject(WORK_FEED) private readonly feed: WorkFeed,
    @Inject(OBJECT_STORE) private readonly objects: Pick<ObjectStore, 'localPath'>,
    @Inject(CONTROL_PLANE) private readonly controlPlane: ControlPlane,
    @Inject(START_REPLICA) private readonly startReplica: StartReplica,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    this.loop ??= this.run(this.stopping.signal);
  }

  /** Stops following, then ends every replica. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await Promise.all([...this.runtimes.values()].map(({ group }) => group.close()));
  }

  /** Throws DomainError STARTING as long as the log of before the start is not read: nobody may be told then that a deployment does not exist. */
  find(workspace: string, name: string): DeploymentRuntime | undefined {
    const found = this.byName.get(`${workspace}/${name}`);
    if (found === undefined && !this.hasReadStart) throw new DomainError('STARTING', 'Which deployments there are is still being read. Try again in a moment.', 'busy');
    return found;
  }

  all(): readonly DeploymentRuntime[] {
    return [...this.runtimes.values()];
  }

  /** Whether the log as it was at the start is read, and every live version has a replica that answers, but for those that the kill switch keeps from it. */
  get isReady(): boolean {
    return this.hasReadStart && this.all().every(({ answering, group }) => answering === undefined || group.ready(answering.versionId).length > 0);
  }

  /** Position up to which deployments are here as the log has them. */
  get position(): bigint {
    return this.next;
  }

  /** Resolves when what lies at `position` is in force here. Throws DomainError ROUTES_BEHIND when that takes too long; what was recorded stays so. */
  async reached(position: bigint): Promise<void> {
    if (position < this.next) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(waiter);
        reject(new DomainError('ROUTES_BEHIND', 'The change is recorded, but not yet in force here. Do not send it again under another key.', 'busy'));
      }, REACH_TIMEOUT_MS);
      const waiter = { position, resolve: () => (clearTimeout(timer), resolve()) };
      this.waiting.add(waiter);
    });
  }

  private async run(signal: AbortSignal): Promise<void> {
    for await (const { events, next, caughtUp } of this.feed.follow(signal)) {
      for (const recorded of events) this.attempt(recorded.stream, () => this.fold(recorded));
      for (const deploymentId of this.stale) this.attempt(deploymentId, () => this.refresh(deploymentId));
      this.hasReadStart ||= caughtUp;
      if (next !== undefined) this.advance(next);
    }
  }

  /** A defect, or an event of a newer version, must not keep the other deployments from being routed: what was in force stays so. */
  private attempt(what: string, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.logger.error({ err: error, what }, 'a change can’t be put in force here');
    }
  }

  /** An event that comes again is left out. */
  private fold({ event, stream, revision, workspace }: WorkItem): void {
    if (isAliasEvent(event)) {
      this.aliases.apply(event);
      return;
    }
    if (event.type === 'cairn.registry.v1.ModelVersionCreated') {
      this.signatures.set(event.data.versionId, signatureOf(event.data.signature));
      return;
    }
    const deploymentId = streamId(stream);
    const before = this.followed.get(deploymentId);
    if (before !== undefined && revision <= before.revision) return;
    this.followed.set(deploymentId, { workspace, state: evolve(before?.state ?? { status: 'absent' }, event), revision });
    this.stale.add(deploymentId);
  }

  /** What registry and deployments say may come by two ways: a state whose versions are not known yet waits for them, and what was in force stays so. */
  private refresh(deploymentId: string): void {
    const followed = this.followed.get(deploymentId);
    if (followed === undefined || followed.state.status === 'absent') return;
    const { workspace, state } = followed;
    this.runtimes.get(deploymentId)?.heed(state.deployment);
    const { live, rollout, fallback } = versionsOf(state);
    const unknown = [live, rollout, fallback].find((version) => version !== undefined && !this.signatures.has(version.versionId));
    if (unknown !== undefined) {
      this.logger.debug({ deploymentId, versionId: unknown.versionId }, 'the version of a rollout is not known yet');
      return;
    }
    const runtime = this.runtimes.get(deploymentId) ?? this.createRuntime(workspace, state.deployment);
    runtime.deployment = state.deployment;
    runtime.apply(this.serve(live), rollout, this.serve(rollout), this.serve(fallback));
    this.stale.delete(deploymentId);
  }

  private createRuntime(workspace: string, deployment: DeploymentRuntime['deployment']): DeploymentRuntime {
    const { objects, controlPlane, logger } = this;
    const startAgent = (): ReplicaAgent => new ReplicaAgent({ replica: this.startReplica(), objects, controlPlane, logger });
    const drained = (versionId: string): Promise<void> => runtime.batcher.drained(versionId);
    const runtime = new DeploymentRuntime(workspace, deployment, new ReplicaGroup(deployment.replicas, { startAgent, drained, logger }));
    this.runtimes.set(deployment.deploymentId, runtime);
    this.byName.set(`${workspace}/${deployment.name}`, runtime);
    return runtime;
  }

  private serve(rolled: RolledVersion | undefined): ServedVersion | undefined {
    const signature = rolled && this.signatures.get(rolled.versionId);
    if (rolled === undefined || signature === undefined) return undefined;
    const { rolloutId, versionId, version, digest, goldenDigest, goldenTolerance } = rolled;
    return { rolloutId, versionId, version, digest, goldenDigest, goldenTolerance, signature, layout: featureLayout(signature) };
  }

  private advance(next: bigint): void {
    if (next > this.next) this.next = next;
    for (const waiter of this.waiting) {
      if (waiter.position < next) {
        this.waiting.delete(waiter);
        waiter.resolve();
      }
    }
  }
}
