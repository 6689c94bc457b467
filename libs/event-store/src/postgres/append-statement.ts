import type { WrittenEvent } from '../record.js';
import { EventStoreError } from '../errors.js';
import { bigintArray, bodyAndLeafArrays, textArray, uuidArray } from './binary-array.js';
import type { Connection } from './connection.js';

/** Whoever listens hears how many events the log holds after each append. */
export const CHANNEL = 'cairn_events';

/**
 * The head row is locked from here to the commit, so positions are dense and in commit order: who reads position n has seen everything
 * below it. A failure undoes the head with the rest, which leaves no gap.
 */
const APPEND = `
WITH head AS (
  UPDATE event_store.log_head SET size = size + $1::bigint RETURNING size - $1::bigint AS base
), stored AS (
  INSERT INTO event_store.events (position, stream, revision, event_id, type, body, leaf)
  SELECT head.base + new.ordinal - 1, new.stream, new.revision, new.event_id, new.type, new.body, new.leaf
  FROM head, unnest($2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::bytea[])
    WITH ORDINALITY AS new (stream, revision, event_id, type, body, leaf, ordinal)
)
SELECT base, pg_notify('${CHANNEL}', (base + $1::bigint)::text) FROM head`;

/** Appends the events in their order, in one statement, and answers with the position of the first. */
export async function insertEvents(connection: Connection, events: readonly WrittenEvent[], maxBytes: number): Promise<bigint> {
  const { bodies, leaves } = bodyAndLeafArrays(events.map(({ body }) => body), maxBytes);
  const [[base] = []] = await connection.rows({
    name: 'cairn_append',
    text: APPEND,
    values: [
      events.length,
      textArray(events.map(({ stream }) => stream)),
      bigintArray(events.map(({ revision }) => revision)),
      uuidArray(events.map(({ id }) => id)),
      textArray(events.map(({ type }) => type)),
      bodies,
      leaves,
    ],
  });
  if (base === null || base === undefined) throw new EventStoreError('UNAVAILABLE', 'The event store has lost its head row.');
  return BigInt(base);
}
