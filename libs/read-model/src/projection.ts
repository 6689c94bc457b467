import type { Actor, DomainEvent } from '@cairn/kernel';
import type { EntityManager } from 'typeorm';

/** A fact of the log, decoded, with everything that the log knows about it. */
export interface Recorded<Event extends DomainEvent = DomainEvent> {
  readonly event: Event;
  /** UUID. */
  readonly id: string;
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  /** RFC 3339 UTC with microseconds, taken when appended. */
  readonly time: string;
  readonly workspace: string;
  readonly actor: Actor;
  /** The service that appended it, e.g. `/model-registry`. */
  readonly source: string;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly traceparent?: string;
}

/**
 * Turns facts into rows. A projection reads and writes its own tables alone, so that the same log always gives the same rows:
 * no clock, no generated ids, no other service, no state outside its tables.
 */
export interface Projection<Event extends DomainEvent = DomainEvent> {
  readonly name: string;
  /** Full type names, own or foreign. Views are fed by the log, never by messages. */
  readonly types: readonly Event['type'][];
  /** Entities of the tables that it owns. They name no schema: the data source sets it, and a rebuild uses another. */
  readonly entities: readonly EntityClass[];
  /**
   * Applies a batch in order, inside the transaction that also moves the checkpoint. A batch never comes back once committed;
   * after a failure the same events come again, perhaps cut into other batches.
   */
  apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void>;
}

/** The class of a TypeORM entity. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM itself takes entities as Function.
export type EntityClass = Function;
