import { decodeEvent } from '@cairn/contracts';
import type { StoredEvent } from '@cairn/event-store';
import type { DomainEvent } from '@cairn/kernel';
import type { Recorded } from './projection.js';

/** Stored → decoded, for projections and for queries that read the log. */
export function toRecorded<Event extends DomainEvent = DomainEvent>(stored: StoredEvent): Recorded<Event> {
  return {
    event: decodeEvent<Event>(stored.type, stored.data),
    id: stored.id,
    position: stored.position,
    stream: stored.stream,
    revision: stored.revision,
    time: stored.time,
    workspace: stored.workspace,
    actor: stored.actor,
    source: stored.source,
    correlationId: stored.correlationId,
    ...(stored.causationId !== undefined && { causationId: stored.causationId }),
    ...(stored.traceparent !== undefined && { traceparent: stored.traceparent }),
  };
}
