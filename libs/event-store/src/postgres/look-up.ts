import { NO_STREAM, type Place } from '../append-draft.js';
import type { Connection } from './connection.js';

/** Last revision of each stream; one that isn't there has NO_STREAM. */
export async function loadHeads(connection: Connection, streams: readonly string[]): Promise<Map<string, bigint>> {
  const rows = await connection.rows({
    name: 'cairn_heads',
    text: `SELECT asked.stream, last.revision FROM unnest($1::text[]) AS asked (stream) CROSS JOIN LATERAL (
             SELECT revision FROM event_store.events e WHERE e.stream = asked.stream ORDER BY revision DESC LIMIT 1) last`,
    values: [streams],
  });
  const heads = new Map(streams.map((stream) => [stream, NO_STREAM]));
  for (const [stream, revision] of rows) heads.set(String(stream), BigInt(revision ?? NO_STREAM));
  return heads;
}

/** Which of the ids are stored, and where. */
export async function loadPlaces(connection: Connection, ids: readonly string[]): Promise<Map<string, Place>> {
  const rows = await connection.rows({
    name: 'cairn_places',
    text: 'SELECT event_id, stream, revision, position FROM event_store.events WHERE event_id = ANY($1::uuid[])',
    values: [ids],
  });
  return new Map(rows.map(([id, stream, revision, position]) => [String(id), { stream: String(stream), revision: BigInt(revision ?? 0), position: BigInt(position ?? 0) }]));
}
