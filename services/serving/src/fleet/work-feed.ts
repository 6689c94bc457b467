import type { EventOf, registry } from '@cairn/contracts';
import type { EventStore } from '@cairn/event-store';
import { toRecorded, type Recorded } from '@cairn/read-model';
import type { Logger } from '@cairn/service';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeploymentEvent } from '../deployment/domain/state.js';
import { ALIAS_EVENTS, type AliasEvent } from './version-aliases.js';

export type VersionCreated = EventOf<registry.ModelVersionCreated>;
export type VersionEvent = AliasEvent | VersionCreated;
export type WorkEvent = DeploymentEvent | VersionEvent;

/** Which events decide who answers what. Proofs and judgements do not: they are the control plane's. */
const DECIDES: Readonly<Record<DeploymentEvent['type'], boolean>> = {
  'cairn.serving.v1.DeploymentCreated': true,
  'cairn.serving.v1.BatchingConfigured': true,
  'cairn.serving.v1.LoggingConfigured': true,
  'cairn.serving.v1.FeatureLookUpConfigured': true,
  'cairn.serving.v1.FallbackConfigured': true,
  'cairn.serving.v1.KillSwitchEngaged': true,
  'cairn.serving.v1.KillSwitchReleased': true,
  'cairn.serving.v1.RolloutStarted': true,
  'cairn.serving.v1.RolloutStageEntered': true,
  'cairn.serving.v1.RolloutStageJudged': false,
  'cairn.serving.v1.ReplicaProved': false,
  'cairn.serving.v1.ReplicaFailedProof': false,
  'cairn.serving.v1.RolloutCompleted': true,
  'cairn.serving.v1.RolloutAborted': true,
};
export const DEPLOYMENT_WORK: readonly string[] = Object.entries(DECIDES).flatMap(([type, decides]) => (decides ? [type] : []));
export const VERSION_WORK: readonly VersionEvent['type'][] = [...ALIAS_EVENTS, 'cairn.registry.v1.ModelVersionCreated'];

/** What of an event matters here. */
export type WorkItem = Pick<Recorded<WorkEvent>, 'event' | 'id' | 'position' | 'stream' | 'revision' | 'workspace'>;

export interface WorkPage {
  /** Those of one stream in their order; the same event may come again. */
  readonly events: readonly WorkItem[];
  /** Everything that deployments have before this position was handed out; undefined when the page says nothing about it. */
  readonly next: bigint | undefined;
  /** Whether everything was handed out that was there at the start. */
  readonly caughtUp: boolean;
}

/** Where replicas learn what to do. */
export interface WorkFeed {
  /** Ends when `signal` aborts, and outlives every failure. */
  follow(signal: AbortSignal): AsyncIterable<WorkPage>;
}

const RETRY_MS = 500;

/** From the log itself, for a process that has it. */
export class LogWorkFeed implements WorkFeed {
  constructor(
    private readonly store: EventStore,
    private readonly logger: Logger,
  ) {}

  async *follow(signal: AbortSignal): AsyncGenerator<WorkPage, void> {
    let next = 0n;
    let readableAtStart: bigint | undefined;
    while (!signal.aborted) {
      try {
        readableAtStart ??= await this.store.size();
        if (next >= readableAtStart) yield { events: [], next, caughtUp: true };
        for await (const page of this.store.follow(next, { filter: { types: [...DEPLOYMENT_WORK, ...VERSION_WORK] }, signal })) {
          yield { events: page.events.map((stored) => toRecorded<WorkEvent>(stored)), next: page.next, caughtUp: page.next >= readableAtStart };
          next = page.next;
        }
      } catch (error) {
        if (signal.aborted) return;
        this.logger.error({ err: error, position: String(next), retryInMs: RETRY_MS }, 'routes are not being brought up to date');
        await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
