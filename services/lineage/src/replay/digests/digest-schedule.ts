import { setTimeout as pause } from 'node:timers/promises';
import { PostgresLease, type EventStore } from '@cairn/event-store';
import { newId, type Clock, type CommandMeta } from '@cairn/kernel';
import { CLOCK, EVENT_STORE, LOGGER, SERVICE_CONFIG, SERVICE_SETTINGS, type Logger, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ReplaySettings } from '../replay-settings.js';
import { DigestRecorder } from './digest-recorder.js';
import { digestedServices, type DigestedService } from './digest-source.js';

const LEASE = 'cairn read model digests';
const LOOK_MS = 1_000;
const LONGEST_REST_LOOKS = 64;

/** Records the digests of all services whenever the log has grown past another multiple of N events; one process does so at a time. */
@Injectable()
export class DigestSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(DigestRecorder) private readonly recorder: DigestRecorder,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Inject(SERVICE_SETTINGS) private readonly settings: ReplaySettings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const { digestEveryEvents } = this.settings;
    if (digestEveryEvents > 0) this.loop = this.stand(BigInt(digestEveryEvents));
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async stand(every: bigint): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const lease = await PostgresLease.acquire(this.config.databaseUrl, LEASE, signal).catch(() => undefined);
      if (lease === undefined) return;
      try {
        await this.watch(every, AbortSignal.any([signal, lease.signal]));
      } catch (error) {
        this.logger.error({ err: error }, 'digests of the read models could not be recorded and are tried again');
      } finally {
        await lease.release();
      }
      await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async watch(every: bigint, signal: AbortSignal): Promise<void> {
    // What the log says, not what it is now: it may have grown past a multiple while nobody stood here.
    let rounds = ((await this.recorder.lastPosition()) ?? 0n) / every;
    let missing: readonly DigestedService[] = [];
    let restLooks = 0;
    let nextRestLooks = 1;
    while (!signal.aborted) {
      await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
      const passed = (await this.store.size()) / every;
      if (passed !== rounds) [rounds, missing, restLooks, nextRestLooks] = [passed, digestedServices, 0, 1];
      if (signal.aborted || missing.length === 0 || restLooks-- > 0) continue;
      const { unreachable, empty } = await this.recorder.record(missing, this.meta());
      if (missing === digestedServices) for (const { service, detail } of unreachable) this.logger.warn({ service }, `no digest of its read model: ${detail}`);
      // Asked again, less and less often: who is away or behind now belongs to this round too.
      missing = [...unreachable.map(({ service }) => service), ...empty];
      [restLooks, nextRestLooks] = [nextRestLooks, Math.min(nextRestLooks * 2, LONGEST_REST_LOOKS)];
    }
  }

  private meta(): CommandMeta {
    return { commandId: newId(), now: this.clock.now(), actor: { principal: 'service:lineage' }, workspace: 'default', correlationId: newId() };
  }
}
