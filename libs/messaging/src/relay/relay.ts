import { setTimeout as delay } from 'node:timers/promises';
import { parseRecord, type EventStore } from '@cairn/event-store';
import type { Logger } from 'pino';
import { MessagingError, needsOperator } from '../errors.js';
import type { JetStreamSession, NatsLink } from '../nats/nats-link.js';
import { toCloudEvent } from '../wire/cloud-event.js';
import { eventSubject } from '../wire/subjects.js';
import type { Lease } from './lease.js';
import { PublishWindow, DEFAULT_WINDOW, type WindowLimits } from './publish-window.js';
import { watchSession } from './session-watch.js';
import { findNextPosition } from './stream-state.js';

export interface RelayOptions {
  readonly store: EventStore;
  readonly link: NatsLink;
  readonly lease: Lease;
  readonly logger: Logger;
  readonly window?: WindowLimits;
  /** How often the stream is asked whether it still has every copy, for the case that somebody deletes it while nothing happens. */
  readonly checkIntervalMs?: number;
}

/**
 * `standby`: another process copies. `waiting`: NATS or the log can't be reached. `refused`: the stream does not belong to this log, or
 * the server does not do; `reason` says what to do. `next` is the position of the first event whose copy is not confirmed.
 */
export type RelayStatus =
  | { readonly state: 'stopped' | 'standby' }
  | { readonly state: 'copying'; readonly next: bigint }
  | { readonly state: 'waiting' | 'refused'; readonly reason: string };

const READ_LIMIT = 512;
const RETRY_MS = 250;
const REFUSED_RETRY_MS = 2_000;
/** Looking again at once is right when the stream was elsewhere; this much patience keeps a defect from spinning. */
const BEHIND_RETRY_MS = 20;
const DEFAULT_CHECK_INTERVAL_MS = 10_000;

/**
 * Copies the log to JetStream, in log order, each event once, for ever. The position is the sequence that a copy must follow, so the
 * stream holds event n as sequence n + 1; the stream itself says where to go on after any fault, and one that was lost is rebuilt.
 *
 * Every process may run one: the lease lets one copy, and copies of two at a time are refused by the server. Never throws: an outage is
 * waited for, and what needs a person is logged and kept in `status` until it is put right.
 */
export class Relay {
  private current: RelayStatus = { state: 'stopped' };
  private stopping = new AbortController();
  private running: Promise<void> | undefined;
  private readonly logger: Logger;

  constructor(private readonly options: RelayOptions) {
    this.logger = options.logger.child({ part: 'relay' });
  }

  get status(): RelayStatus {
    return this.current;
  }

  start(): void {
    if (this.running !== undefined) return;
    this.stopping = new AbortController();
    this.running = this.run(this.stopping.signal);
  }

  /** Hands over to the next candidate. Copies that are under way need no goodbye: the next one asks the stream. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.running = undefined;
    this.current = { state: 'stopped' };
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.current = { state: 'standby' };
        const held = await this.options.lease.acquire(signal);
        try {
          await this.lead(AbortSignal.any([signal, held.lost]));
        } finally {
          await held.release();
        }
      } catch (error) {
        if (!signal.aborted) await this.wait(error, signal);
      }
    }
  }

  /** Returns when `signal` aborts: we stop, or are the leader no more. */
  private async lead(signal: AbortSignal): Promise<void> {
    this.logger.info('this process copies the log to NATS');
    while (!signal.aborted) {
      try {
        const { link, store } = this.options;
        if (link.status.state !== 'connected') this.current = { state: 'waiting', reason: 'NATS is not connected.' };
        const session = await link.use(signal);
        const next = await findNextPosition(session.jsm, store, link.replicas);
        this.logger.info({ next: String(next) }, 'copying');
        await this.copy(session, next, signal);
      } catch (error) {
        if (!signal.aborted) await this.wait(error, signal);
      }
    }
  }

  /** Ends only by abort or by throwing. */
  private async copy(session: JetStreamSession, from: bigint, signal: AbortSignal): Promise<void> {
    this.current = { state: 'copying', next: from };
    const window = new PublishWindow(session.nc, from, this.options.window ?? DEFAULT_WINDOW, (next) => {
      this.current = { state: 'copying', next };
    });
    const { store, checkIntervalMs = DEFAULT_CHECK_INTERVAL_MS } = this.options;
    const watch = watchSession(session, () => window.confirmed, checkIntervalMs);
    const over = AbortSignal.any([signal, window.failed, watch.signal]);
    let expected = from;
    try {
      for await (const page of store.followRecords(from, { limit: READ_LIMIT, signal: over })) {
        for (const record of page.events) {
          if (record.position !== expected) throw new MessagingError('STREAM_DIFFERS', `The log skips from position ${expected} to ${record.position}.`);
          await window.room();
          over.throwIfAborted();
          window.publish(record.position, eventSubject(record.type, record.stream), toCloudEvent(parseRecord(record)));
          expected += 1n;
        }
      }
      over.throwIfAborted();
    } finally {
      watch.stop();
      window.close();
    }
  }

  private async wait(error: unknown, signal: AbortSignal): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof MessagingError && error.code === 'STREAM_BEHIND') {
      this.logger.debug({ reason }, 'looking up where the stream is');
      return pause(BEHIND_RETRY_MS, signal);
    }
    const state = needsOperator(error) ? 'refused' : 'waiting';
    if (!('reason' in this.current && this.current.reason === reason)) {
      if (state === 'refused') this.logger.error({ err: error }, reason);
      else this.logger.warn({ err: error }, 'copying to NATS was interrupted; trying on');
    }
    this.current = { state, reason };
    return pause(state === 'refused' ? REFUSED_RETRY_MS : RETRY_MS, signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
