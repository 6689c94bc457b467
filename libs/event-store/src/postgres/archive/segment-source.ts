import { EventStoreError } from '../../errors.js';
import { leafHash } from '../../record.js';
import type { Connection } from '../connection.js';

/** A segment ends with whichever is reached first. */
export interface SegmentLimits {
  readonly maxEvents: number;
  /** Of text, uncompressed; an event that is larger has a segment of its own. */
  readonly maxBytes: number;
}

/** A reader of one old event fetches a whole segment, so these keep that to a few hundred milliseconds; with less, a large log would have very many objects. */
export const DEFAULT_SEGMENT_LIMITS: SegmentLimits = { maxEvents: 10_000, maxBytes: 16 * 1024 * 1024 };

const PAGE = 256;
const READ = {
  name: 'cairn_read_to_archive',
  text: `SELECT position, body, encode(leaf, 'hex') FROM event_store.events WHERE position >= $1 AND position < $2 ORDER BY position LIMIT $3`,
};

/** Events that are to become a segment. */
export interface SegmentSource {
  readonly bodies: readonly string[];
  readonly leaves: readonly Buffer[];
}

/** Reads what the next segment is to hold, from `first` on and below `goal`. Throws INVALID_EVENT at an event whose body isn't what its leaf covers. */
export async function readSource(connection: Connection, first: bigint, goal: bigint, { maxEvents, maxBytes }: SegmentLimits): Promise<SegmentSource> {
  const bodies: string[] = [];
  const leaves: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const next = first + BigInt(bodies.length);
    const rows = await connection.rows({ ...READ, values: [next, goal, Math.min(PAGE, maxEvents - bodies.length)] });
    for (const [at, body, hex] of rows) {
      const position = first + BigInt(bodies.length);
      const leaf = Buffer.from(hex ?? '', 'hex');
      if (at !== String(position) || typeof body !== 'string' || !leafHash(body).equals(leaf)) {
        throw new EventStoreError('INVALID_EVENT', `The event at position ${position} is not what was hashed when it was appended: it and what follows is not archived.`);
      }
      bytes += Buffer.byteLength(body) + 1;
      if (bytes > maxBytes && bodies.length > 0) return { bodies, leaves };
      bodies.push(body);
      leaves.push(leaf);
    }
    if (rows.length === 0 || bodies.length >= maxEvents) return { bodies, leaves };
  }
}
