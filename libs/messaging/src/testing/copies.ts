import type { EventStore } from '@cairn/event-store';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { EVENTS_STREAM } from '../nats/streams.js';

export interface Copy {
  readonly sequence: number;
  readonly position: string;
  readonly id: string;
}

/** Everything in the events' stream, in its order, read by a client of its own. */
export async function readCopies(url: string): Promise<Copy[]> {
  const nc = await connect({ servers: url });
  try {
    const { state } = await (await jetstreamManager(nc)).streams.info(EVENTS_STREAM);
    const copies: Copy[] = [];
    if (state.messages === 0) return copies;
    const consumer = await jetstream(nc).consumers.get(EVENTS_STREAM);
    for await (const message of await consumer.consume()) {
      copies.push({ sequence: message.seq, position: message.headers?.get('ce-position') ?? '', id: message.headers?.get('ce-id') ?? '' });
      if (copies.length === state.messages) break;
    }
    return copies;
  } finally {
    await nc.close();
  }
}

/** What the stream must hold: each event of the log once, in order, as sequence position + 1. */
export async function expectedCopies(store: EventStore): Promise<Copy[]> {
  const copies: Copy[] = [];
  for (let from = 0n; ; ) {
    const { events, next } = await store.readRecords(from, { limit: 1_000 });
    if (events.length === 0) return copies;
    for (const { position, id } of events) copies.push({ sequence: Number(position) + 1, position: String(position), id });
    from = next;
  }
}
