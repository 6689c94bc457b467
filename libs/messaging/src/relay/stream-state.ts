import type { EventStore } from '@cairn/event-store';
import type { JetStreamManager } from '@nats-io/jetstream';
import { MessagingError } from '../errors.js';
import { ensureStreams, EVENTS_STREAM } from '../nats/streams.js';

const REMEDY =
  `If the log is the right one, delete the stream (nats stream rm ${EVENTS_STREAM}) and it will be rebuilt from the first event. ` +
  'If not, give the service the database and the NATS server that belong together.';

/**
 * Where to go on: the position after the last copy, which the stream itself knows. The first and the last copy are compared with the
 * log, because the numbers of another log's stream could fit by chance. Throws STREAM_AHEAD, STREAM_DIFFERS or STREAM_UNSUITABLE.
 */
export async function findNextPosition(jsm: JetStreamManager, store: EventStore, replicas: number): Promise<bigint> {
  const { state } = await ensureStreams(jsm, replicas);
  const copies = BigInt(state.last_seq);
  if (copies === 0n) return 0n;
  if (state.messages !== state.last_seq) {
    throw new MessagingError('STREAM_DIFFERS', `The stream ${EVENTS_STREAM} has holes: ${state.messages} messages up to sequence ${state.last_seq}. ${REMEDY}`);
  }
  // Asked after the stream was: a log that grows meanwhile can't look too short.
  const size = await store.size();
  if (copies > size) {
    throw new MessagingError('STREAM_AHEAD', `The stream ${EVENTS_STREAM} holds ${copies} events, but the log only ${size}. ${REMEDY}`);
  }
  for (const position of new Set([0n, copies - 1n])) {
    const [record] = (await store.readRecords(position, { limit: 1 })).events;
    const copy = await jsm.streams.getMessage(EVENTS_STREAM, { seq: Number(position + 1n) });
    if (record === undefined || copy?.header.get('ce-id') !== record.id) {
      throw new MessagingError('STREAM_DIFFERS', `The stream ${EVENTS_STREAM} is not a copy of this log: they differ at position ${position}. ${REMEDY}`);
    }
  }
  return copies;
}
