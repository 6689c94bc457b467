import { LRUCache } from 'lru-cache';
import { NO_STREAM, type AppendDraft, type Place } from '../append-draft.js';
import type { Connection } from './connection.js';

const REMEMBERED_STREAMS = 50_000;

/**
 * The last revision of the streams that this process wrote or read lately. It may lag behind the truth, when another process appends, but is never
 * ahead of it: a plan made from it either fits or is refused by the unique (stream, revision).
 */
export class StreamHeads {
  private readonly known = new LRUCache<string, bigint>({ max: REMEMBERED_STREAMS });

  get(stream: string): bigint | undefined {
    return this.known.get(stream);
  }

  /** The database says so now: also right when it says less than we remember, because it was restored. */
  correct(stream: string, revision: bigint): void {
    this.known.set(stream, revision);
  }

  /** Somebody saw this revision. */
  atLeast(stream: string, revision: bigint): void {
    const known = this.known.peek(stream);
    if (known === undefined || known < revision) this.known.set(stream, revision);
  }
}

/** Asks the database; a stream that isn't there has NO_STREAM. */
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

export function idsOf(drafts: readonly AppendDraft[]): string[] {
  return drafts.flatMap(({ ids }) => ids);
}

export function streamsOf(drafts: readonly AppendDraft[]): string[] {
  return [...new Set(drafts.flatMap(({ streams }) => streams.map(({ stream }) => stream)))];
}
