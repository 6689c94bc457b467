import type { Actor, DomainEvent } from '@cairn/kernel';

/**
 * An event of the log as a handler gets it: all that the log keeps about it, decoded, and how often it was handed out.
 * It has every field of read-model's `Recorded`, so what folds one folds the other.
 */
export interface Delivery<Event extends DomainEvent = DomainEvent> {
  readonly event: Event;
  /** UUID of the event: the key of every effect. */
  readonly id: string;
  /** Place in the one log, from 0. */
  readonly position: bigint;
  /** E.g. `model-version-<uuid>`. */
  readonly stream: string;
  /** Place in the stream, from 0. */
  readonly revision: bigint;
  /** RFC 3339 UTC with microseconds, when it was appended. */
  readonly time: string;
  readonly workspace: string;
  readonly actor: Actor;
  /** The service that recorded it, e.g. `/model-registry`. */
  readonly source: string;
  readonly correlationId: string;
  readonly causationId?: string;
  /** W3C trace context of the request that caused it. */
  readonly traceparent?: string;
  /** 1 the first time. It also counts deliveries that ended in a crash. */
  readonly attempt: number;
  /** The service that handles it, e.g. `training-scheduler`. */
  readonly service: string;
}
