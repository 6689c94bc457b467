import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore, LogPage } from '@cairn/event-store';
import { DomainError, streamId } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import { ProjectionRunner, toRecorded } from '@cairn/read-model';
import { EVENT_STORE, LOGGER, OBJECT_STORE, type Logger } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { evolve, type DeploymentEvent, type DeploymentState, type RolledVersion } from '../deployment/domain/state.js';
import { ServableVersionQuery } from '../deployment/views/servable-version/servable-version.query.js';
import { featureLayout } from '../inference/feature-layout.js';
import { ReplicaAgent } from '../replica/replica-agent.js';
import type { StartReplica } from '../replica/replica.js';
import { CommandControlPlane } from './command-control-plane.js';
import { DeploymentRuntime, versionsOf } from './deployment-runtime.js';
import { ReplicaGroup } from './replica-group.js';
import type { ServedVersion } from './served-version.js';
import { ALIAS_EVENTS, isAliasEvent, VersionAliases, type AliasEvent } from './version-aliases.js';

/** `StartReplica`. */
export const START_REPLICA = Symbol('serving.StartReplica');

const TYPES: readonly (DeploymentEvent | AliasEvent)['type'][] = [
  ...ALIAS_EVENTS,
  'cairn.serving.v1.DeploymentCreated',
  'cairn.serving.v1.BatchingConfigured',
  'cairn.serving.v1.RolloutStarted',
  'cairn.serving.v1.RolloutStageEntered',
  'cairn.serving.v1.ReplicaProved',
  'cairn.serving.v1.ReplicaFailedProof',
  'cairn.serving.v1.RolloutCompleted',
  'cairn.serving.v1.RolloutAborted',
];
const RETRY_MS = 500;
const REACH_TIMEOUT_MS = 5_000;

interface Followed {
  readonly workspace: string;
  readonly state: DeploymentState;
  readonly revision: bigint;
  readonly position: bigint;
}

/**
 * All deployments of this process, kept as the log says: every process that follows the same log routes alike. It reads the log and not the read model
 * because a route that is in force must not wait for a table.
 */
@Injectable()
export class Fleet {
  readonly aliases = new VersionAliases();
  private readonly followed = new Map<string, Followed>();
  private readonly stale = new Set<string>();
  private readonly runtimes = new Map<string, DeploymentRuntime>();
  private readonly byName = new Map<string, DeploymentRuntime>();
  private readonly waiting = new Set<{ readonly position: bigint; readonly resolve: () => void }>();
  private readonly stopping = new AbortController();
  private next = 0n;
  private readableAtStart: bigint | undefined;
  private loop: Promise<void> | undefined;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(ProjectionRunner) private readonly runner: ProjectionRunner,
    @Inject(ServableVersionQuery) private readonly versions: ServableVersionQuery,
    @Inject(CommandControlPlane) private readonly controlPlane: CommandControlPlane,
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

  /** Whether the log as it was at the start is read, and every live version has a replica that answers. */
  get isReady(): boolean {
    return this.hasReadStart && this.all().every(({ live, group }) => live === undefined || group.ready(live.versionId).length > 0);
  }

  private get hasReadStart(): boolean {
    return this.readableAtStart !== undefined && this.next >= this.readableAtStart;
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
    while (!signal.aborted) {
      try {
        this.readableAtStart ??= await this.store.size();
        for await (const page of this.store.follow(this.next, { filter: { types: TYPES }, signal })) {
          this.fold(page);
          for (const deploymentId of this.stale) await this.refresh(deploymentId);
          this.advance(page.next);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.logger.error({ err: error, position: String(this.next), retryInMs: RETRY_MS }, 'routes are not being brought up to date');
        await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** A page comes again after a failure: what was folded already is left out. */
  private fold(page: LogPage): void {
    for (const stored of page.events) {
      const { event } = toRecorded<DeploymentEvent | AliasEvent>(stored);
      if (isAliasEvent(event)) {
        this.aliases.apply(event);
        continue;
      }
      const deploymentId = streamId(stored.stream);
      const before = this.followed.get(deploymentId);
      if (before !== undefined && stored.revision <= before.revision) continue;
      const state = evolve(before?.state ?? { status: 'absent' }, event);
      this.followed.set(deploymentId, { workspace: stored.workspace, state, revision: stored.revision, position: stored.position });
      this.stale.add(deploymentId);
    }
  }

  private async refresh(deploymentId: string): Promise<void> {
    const followed = this.followed.get(deploymentId);
    if (followed === undefined || followed.state.status === 'absent') return;
    const { workspace, state, position } = followed;
    await this.runner.waitFor(position);
    const { live, rollout } = versionsOf(state);
    const runtime = this.runtimes.get(deploymentId) ?? this.createRuntime(workspace, state.deployment);
    runtime.deployment = state.deployment;
    runtime.apply(await this.serve(workspace, live), rollout, await this.serve(workspace, rollout));
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

  private async serve(workspace: string, rolled: RolledVersion | undefined): Promise<ServedVersion | undefined> {
    if (rolled === undefined) return undefined;
    const { rolloutId, versionId, version, digest, goldenDigest, goldenTolerance } = rolled;
    const known = await this.versions.find(workspace, versionId);
    if (known === undefined) {
      // A rollout starts from this very row, so this is a defect; it must not keep the other deployments from being routed.
      this.logger.error({ versionId, rolloutId }, 'the version of a rollout is not in the read model');
      return undefined;
    }
    return { rolloutId, versionId, version, digest, goldenDigest, goldenTolerance, signature: known.signature, layout: featureLayout(known.signature) };
  }

  private advance(next: bigint): void {
    this.next = next;
    for (const waiter of this.waiting) {
      if (waiter.position < next) {
        this.waiting.delete(waiter);
        waiter.resolve();
      }
    }
  }
}
