import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PostgresLease, type EventStore } from '@cairn/event-store';
import { EVENT_STORE, LOGGER, SERVICE_CONFIG, SERVICE_SETTINGS, type Logger, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { LogSettings } from '../log-settings.js';
import type { CheckpointPublisher } from '../publishing/checkpoint-publisher.js';
import { DirectPublisher } from '../publishing/direct-publisher.js';
import { openLogPolicy, publicPolicy } from '../publishing/log-policy.js';
import { WitnessedPublisher, type WitnessReport } from '../publishing/witnessed-publisher.js';
import { TreeStore, type PublishedCheckpoint } from '../tree/tree-store.js';
import { CheckpointSigner } from './checkpoint-signer.js';
import { LogIntegrator } from './log-integrator.js';
import { openLogKey, type LogKey } from './log-key.js';
import { SigningRefused } from './refusal.js';

/**
 * standby  another process signs, or none was elected yet.
 * signing  this process keeps the tree and signs it.
 * refused  the log is not what was signed: nothing is signed until a person has looked.
 * failing  something can't be reached or written; it is tried again.
 */
export type SigningState = 'standby' | 'signing' | 'refused' | 'failing';

const LEASE = 'cairn transparency log';
const RETRY_MS = 2_000;
const REFUSED_RETRY_MS = 10_000;

/** Stands for election as the one process that keeps and signs the tree, as long as the service runs. */
@Injectable()
export class LogLeader implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private opened: { key: LogKey; signer: CheckpointSigner; publisher: CheckpointPublisher; policyText: string } | undefined;
  private current: SigningState = 'standby';
  private refused: SigningRefused | undefined;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(TreeStore) private readonly tree: TreeStore,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Inject(SERVICE_SETTINGS) private readonly settings: LogSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  get state(): SigningState {
    return this.current;
  }

  get refusal(): SigningRefused | undefined {
    return this.refused;
  }

  get key(): LogKey {
    if (this.opened === undefined) throw new TypeError('the key of the log is opened when the application starts');
    return this.opened.key;
  }

  /** What checkpoints are published under, as C2SP tlog-policy. */
  get policyText(): string {
    if (this.opened === undefined) throw new TypeError('the policy of the log is opened when the application starts');
    return this.opened.policyText;
  }

  /** What the witnesses of the policy said last to this process; undefined without a policy, or where another process signs. */
  get witnesses(): WitnessReport | undefined {
    const publisher = this.opened?.publisher;
    return publisher instanceof WitnessedPublisher ? publisher.report : undefined;
  }

  /** The last checkpoint that is public, as far as this process knows: its own, or the one that another process published. */
  async signed(): Promise<PublishedCheckpoint | undefined> {
    const { published } = await this.tree.head();
    const own = this.opened?.publisher.published;
    return own !== undefined && own.size >= (published?.size ?? 0n) ? own : published;
  }

  /** Throws when the key or the policy can't be used: a log that can't be signed or published is no log to start with. */
  async onApplicationBootstrap(): Promise<void> {
    const folder = join(this.config.dataDir, 'lineage');
    const { keyFile, origin, policyFile, witnessTimeoutMs } = this.settings;
    const key = await openLogKey({ path: keyFile ?? join(folder, 'log.key'), mustExist: keyFile !== undefined, ...(origin !== undefined && { origin }) });
    const policy = policyFile === undefined ? undefined : await openLogPolicy(policyFile, key);
    const path = join(folder, 'published-checkpoint');
    const witnessed = policy && (await WitnessedPublisher.open({ tree: this.tree, key, policy, path, timeoutMs: witnessTimeoutMs }));
    const signer = await CheckpointSigner.open(key, join(folder, 'signed-checkpoint'), witnessed?.published?.note);
    const publisher = witnessed ?? new DirectPublisher(this.tree, signer);
    this.opened = { key, signer, publisher, policyText: policy?.text ?? publicPolicy(key) };
    this.loop = this.stand(signer, publisher);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async stand(signer: CheckpointSigner, publisher: CheckpointPublisher): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.current = this.current === 'refused' ? 'refused' : 'standby';
      const lease = await PostgresLease.acquire(this.config.databaseUrl, LEASE, signal).catch(() => undefined);
      if (lease === undefined) return;
      let waitMs = 0;
      try {
        await this.integrator(signer, publisher).run(AbortSignal.any([signal, lease.signal]));
      } catch (error) {
        waitMs = this.retryAfter(error);
      } finally {
        await lease.release();
      }
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private integrator(signer: CheckpointSigner, publisher: CheckpointPublisher): LogIntegrator {
    const onSound = (): void => {
      this.current = 'signing';
      this.refused = undefined;
    };
    return new LogIntegrator({ store: this.store, tree: this.tree, signer, publisher, signIntervalMs: this.settings.signIntervalMs, onSound });
  }

  private retryAfter(error: unknown): number {
    if (error instanceof SigningRefused) {
      this.current = 'refused';
      this.refused = error;
      this.logger.error({ code: error.code, position: error.position === undefined ? undefined : String(error.position) }, `nothing is signed any more: ${error.message}`);
      return REFUSED_RETRY_MS;
    }
    this.current = 'failing';
    this.logger.error({ err: error }, 'the transparency log stands still and is tried again');
    return RETRY_MS;
  }
}
