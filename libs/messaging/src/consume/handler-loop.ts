import { setTimeout as delay } from 'node:timers/promises';
import type { JetStreamClient, JsMsg } from '@nats-io/jetstream';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { needsOperator } from '../errors.js';
import type { Delivery } from '../handler/delivery.js';
import { endingOf } from '../handler/ending-of.js';
import type { HandlingPolicy } from '../handler/handling-policy.js';
import type { JetStreamSession, NatsLink } from '../nats/nats-link.js';
import { toDelivery } from '../wire/cloud-event.js';
import { decodeHeader } from '../wire/header-value.js';
import { durableName } from '../wire/subjects.js';
import { writeDeadLetter } from './dead-letters.js';
import { ensureDurable } from './durable-consumer.js';
import { attempt, Prefetch } from './prefetch.js';

/** One handler of one event type. */
export interface Handler {
  readonly type: string;
  readonly name: string;
  readonly deliver: 'all' | 'new';
  /** Rejects with what the handler threw. */
  readonly handle: (delivery: Delivery) => Promise<void>;
}

/** How one delivery ended, for metrics. */
export interface Handled {
  readonly handler: string;
  readonly type: string;
  readonly ending: 'ack' | 'retry' | 'dead-letter';
  readonly durationMs: number;
}

export interface HandlerLoopOptions {
  readonly handler: Handler;
  readonly service: string;
  readonly link: NatsLink;
  readonly policy: HandlingPolicy;
  readonly logger: Logger;
  readonly onHandled?: (handled: Handled) => void;
}

const RESTART_MS = 250;
const DEAD_LETTER_RETRY_MS = 1_000;
const MAX_REMEMBERED_FAILURES = 10_000;

/** Hands the events of one durable consumer to one handler, until it is closed. */
export class HandlerLoop {
  readonly durable: string;
  private readonly stopping = new AbortController();
  private readonly failures = new LRUCache<number, number>({ max: MAX_REMEMBERED_FAILURES });
  private readonly logger: Logger;
  private workers: Promise<void>[] = [];

  constructor(private readonly options: HandlerLoopOptions) {
    const { handler, service } = options;
    this.durable = durableName(service, handler.name, handler.type);
    this.logger = options.logger.child({ part: 'events', handler: handler.name, type: handler.type });
  }

  start(): void {
    if (this.workers.length === 0) this.workers = Array.from({ length: this.options.policy.concurrency }, () => this.work(this.stopping.signal));
  }

  /** Takes no more events and waits for the handler, at most `drainMs`. */
  async close(): Promise<void> {
    this.stopping.abort();
    const patience = new AbortController();
    const drained = await Promise.race([
      Promise.all(this.workers).then(() => true),
      delay(this.options.policy.drainMs, false, { signal: patience.signal }).catch(() => true),
    ]);
    patience.abort();
    if (!drained) this.logger.warn('still running at shutdown; the event will come again');
  }

  private async work(signal: AbortSignal): Promise<void> {
    let lastReason: string | undefined;
    while (!signal.aborted) {
      try {
        const session = await this.options.link.use(signal);
        await this.consume(session, signal, () => {
          lastReason = undefined;
        });
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== lastReason) {
          if (needsOperator(error)) this.logger.error({ err: error }, reason);
          else this.logger.warn({ err: error }, 'consuming was interrupted; trying on');
        }
        lastReason = reason;
      }
      await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async consume(session: JetStreamSession, signal: AbortSignal, onProgress: () => void): Promise<void> {
    const { handler, link, policy } = this.options;
    const consumer = await ensureDurable(session, { durable: this.durable, type: handler.type, deliver: handler.deliver, policy, replicas: link.replicas });
    const prefetch = new Prefetch(consumer, policy.ackWaitMs / 3);
    const pulling = prefetch.pull(AbortSignal.any([signal, session.lost]));
    // Read once the loop is over; until then it must not count as unhandled.
    pulling.catch(() => undefined);
    for (let message = await prefetch.next(); message !== undefined; message = await prefetch.next()) {
      if (signal.aborted) {
        attempt(() => message?.nak());
        prefetch.giveBack();
        continue;
      }
      const patience = setTimeout(() => prefetch.giveBack(), policy.waitingMs);
      const durationMs = await this.conclude(session.js, message);
      clearTimeout(patience);
      prefetch.learn(durationMs);
      onProgress();
    }
    await pulling;
  }

  /** Answers how long it took. */
  private async conclude(js: JetStreamClient, message: JsMsg): Promise<number> {
    const { handler, policy, onHandled } = this.options;
    const startedAtMs = performance.now();
    const signOfLife = setInterval(() => attempt(() => message.working()), policy.ackWaitMs / 3);
    let ending: Handled['ending'];
    try {
      ending = await this.run(message).then(
        () => {
          attempt(() => message.ack());
          return 'ack' as const;
        },
        (error: unknown) => this.fail(js, message, error),
      );
    } finally {
      clearInterval(signOfLife);
    }
    if (ending !== 'retry') this.failures.delete(message.seq);
    const durationMs = performance.now() - startedAtMs;
    onHandled?.({ handler: handler.name, type: handler.type, ending, durationMs });
    return durationMs;
  }

  private async run(message: JsMsg): Promise<void> {
    const { handler, service } = this.options;
    const header = (name: string) => message.headers?.get(name);
    // A subject does not tell versions apart. Other versions of the event have handlers of their own, or nobody cares.
    if (decodeHeader(header('ce-type') ?? '') !== handler.type) return;
    await handler.handle(toDelivery(header, message.data, { attempt: message.info.deliveryCount, service }));
  }

  private async fail(js: JetStreamClient, message: JsMsg, error: unknown): Promise<'retry' | 'dead-letter'> {
    const { handler, service, policy } = this.options;
    const failures = this.failures.get(message.seq) ?? 0;
    const ending = endingOf(error, { deliveries: message.info.deliveryCount, failures }, policy);
    const event = { position: message.seq - 1, attempt: message.info.deliveryCount };
    if (ending.kind === 'retry') {
      if (ending.blamed) this.failures.set(message.seq, failures + 1);
      this.logger.warn({ ...event, err: error, afterMs: ending.afterMs }, 'the event will come again');
      attempt(() => message.nak(ending.afterMs));
      return 'retry';
    }
    try {
      await writeDeadLetter(js, message, { service, handler: handler.name, durable: this.durable, reason: ending.reason });
    } catch (cause) {
      this.logger.warn({ ...event, err: cause }, 'the dead letter could not be written; the event will come again');
      attempt(() => message.nak(DEAD_LETTER_RETRY_MS));
      return 'retry';
    }
    this.logger.error({ ...event, err: error, reason: ending.reason }, 'dead letter');
    attempt(() => message.term());
    return 'dead-letter';
  }
}
