import { setTimeout as delay } from 'node:timers/promises';
import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import type { DomainEvent } from '@cairn/kernel';
import type { Logger } from 'pino';
import { MessagingError, needsOperator } from '../errors.js';
import type { Delivery } from '../handler/delivery.js';
import type { JetStreamSession, NatsLink } from '../nats/nats-link.js';
import { EVENTS_STREAM } from '../nats/streams.js';
import { toDelivery } from '../wire/cloud-event.js';
import { decodeHeader } from '../wire/header-value.js';

export interface EventFeedOptions {
  readonly link: NatsLink;
  readonly logger: Logger;
  /** Whose process reads, e.g. `serving`. */
  readonly service: string;
  /** As in a subject, e.g. `registry`. */
  readonly producer: string;
  /** As in a subject, e.g. `model-version`; `*` for all of the producer's. */
  readonly aggregate: string;
  /** Events of other types pass by. */
  readonly types: readonly string[];
}

export interface FeedPage<Event extends DomainEvent> {
  readonly events: readonly Delivery<Event>[];
  /** Position after the last event of the page, whether it was of these types or not. */
  readonly next: bigint;
  /** Whether nothing more was there when the page was made. */
  readonly caughtUp: boolean;
}

/** An event that the reader has, to see that the stream is a copy of the log that it knows. */
export interface KnownEvent {
  readonly position: bigint;
  readonly id: string;
}

const RESTART_MS = 250;
const MAX_PAGE = 500;
const PULL_MS = 10_000;
/** Two that are missing mean that the server has forgotten us. */
const HEARTBEAT_MS = 1_000;

/**
 * The copy of the log in JetStream, read in order from any position, by whoever has no database: nothing is acknowledged, and where the reader stands is its own to keep.
 * An event may come again after the connection was lost.
 */
export class EventFeed<Event extends DomainEvent = DomainEvent> {
  private readonly logger: Logger;
  private readonly types: ReadonlySet<string>;

  constructor(private readonly options: EventFeedOptions) {
    const { producer, aggregate } = options;
    this.logger = options.logger.child({ part: 'events', feed: `${producer}.${aggregate}` });
    this.types = new Set(options.types);
  }

  /**
   * Ends when `signal` aborts, and outlives every loss of the connection. A stream that does not hold `known` is the copy of another log: nothing of it is read, and the log says
   * what to do.
   */
  async *follow(from: bigint, signal: AbortSignal, known?: KnownEvent): AsyncGenerator<FeedPage<Event>, void> {
    let next = from;
    let lastReason: string | undefined;
    while (!signal.aborted) {
      try {
        const session = await this.options.link.use(signal);
        await requireSameLog(session, known);
        for await (const page of this.pages(session, next, AbortSignal.any([signal, session.lost]))) {
          lastReason = undefined;
          next = page.next;
          yield page;
        }
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== lastReason) this.logger[needsOperator(error) ? 'error' : 'warn']({ err: error }, 'following was interrupted; trying on');
        lastReason = reason;
      }
      await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async *pages({ js }: JetStreamSession, from: bigint, signal: AbortSignal): AsyncGenerator<FeedPage<Event>, void> {
    const { producer, aggregate } = this.options;
    const consumer = await js.consumers.get(EVENTS_STREAM, {
      filter_subjects: `cairn.${producer}.${aggregate}.>`,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Number(from + 1n),
    });
    const { num_pending: pending } = await consumer.info();
    if (pending === 0) yield { events: [], next: from, caughtUp: true };
    const messages = await consumer.consume({ max_messages: MAX_PAGE, expires: PULL_MS, idle_heartbeat: HEARTBEAT_MS, abort_on_missing_resource: true });
    const stop = (): void => void messages.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) return;
      for await (const message of messages) yield this.pageOf(message);
    } finally {
      signal.removeEventListener('abort', stop);
      await messages.close();
      await consumer.delete().catch(() => undefined);
    }
  }

  private pageOf(message: JsMsg): FeedPage<Event> {
    const header = (name: string): string | undefined => message.headers?.get(name);
    const wanted = this.types.has(decodeHeader(header('ce-type') ?? ''));
    const events = wanted ? [toDelivery<Event>(header, message.data, { attempt: 1, service: this.options.service })] : [];
    return { events, next: BigInt(message.seq), caughtUp: message.info.pending === 0 };
  }
}

async function requireSameLog({ jsm }: JetStreamSession, known: KnownEvent | undefined): Promise<void> {
  if (known === undefined) return;
  const { state } = await jsm.streams.info(EVENTS_STREAM);
  // A copy that lost its end gets it back from the relay.
  if (BigInt(state.last_seq) <= known.position) return;
  const copy = await jsm.streams.getMessage(EVENTS_STREAM, { seq: Number(known.position + 1n) });
  if (copy?.header.get('ce-id') === known.id) return;
  throw new MessagingError(
    'STREAM_DIFFERS',
    `The stream ${EVENTS_STREAM} is a copy of another log than the one that this process has followed so far. Give it the NATS server that belongs to it, or an empty data folder.`,
  );
}
