import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ObjectStore } from '@cairn/object-store';
import { LRUCache } from 'lru-cache';
import { EventStoreError } from '../../errors.js';
import { leafHash } from '../../record.js';
import type { Row, Statement } from '../connection.js';
import { fetchSegment, loadSegments, type ArchivedSegment } from './archived-segment.js';
import type { OpenSegment } from './segment.js';

export interface ArchiveReading {
  readonly objects: Pick<ObjectStore, 'read'>;
  /** Of unpacked segments; by default 64 MiB, four of the largest. */
  readonly cacheBytes?: number;
}

const CACHE_BYTES = 64 * 1024 * 1024;
/** After hashing so much text others have a turn. */
const CHARS_PER_TURN = 512 * 1024;

/** Brings back the bodies of archived events for those who read rows. */
export class ArchivedBodies {
  /** As far as they were needed. A segment that is recorded stays as it is. */
  private readonly segments: ArchivedSegment[] = [];
  private readonly cache: LRUCache<bigint, OpenSegment>;
  /** By first position: readers who come together share a fetch. */
  private readonly underWay = new Map<bigint, Promise<OpenSegment>>();

  constructor(
    private readonly ask: (statement: Statement) => Promise<Row[]>,
    private readonly reading: ArchiveReading | undefined,
  ) {
    this.cache = new LRUCache({ maxSize: reading?.cacheBytes ?? CACHE_BYTES, sizeCalculation: ({ sizeBytes }) => sizeBytes });
  }

  /**
   * Rows that begin with position, body and (base64, where the body is null) leaf get their bodies; each is compared with its leaf. Throws EventStoreError:
   * ARCHIVE_UNREADABLE and UNAVAILABLE, with the positions.
   */
  fill(rows: Row[]): Row[] | Promise<Row[]> {
    return rows.some(([, body]) => body === null) ? this.filled(rows) : rows;
  }

  private async filled(rows: Row[]): Promise<Row[]> {
    let chars = 0;
    let segment: ArchivedSegment | undefined;
    let open: OpenSegment | undefined;
    for (const row of rows) {
      if (row[1] !== null) continue;
      const position = BigInt(row[0] ?? 0);
      // One at a time: a page of events far apart must not hold all their segments at once.
      if (segment === undefined || open === undefined || !covers(segment, position)) {
        segment = await this.segmentAt(position);
        open = await this.opened(segment);
      }
      const body = open.body(Number(position - segment.first)) ?? '';
      if (!leafHash(body).equals(Buffer.from(row[2] ?? '', 'base64'))) {
        throw new EventStoreError('ARCHIVE_UNREADABLE', `The event at position ${position} has another leaf hash than its text in the archive, ${segment.digest}.`, { position });
      }
      row[1] = body;
      chars += body.length;
      if (chars < CHARS_PER_TURN) continue;
      chars = 0;
      await nextTurn();
    }
    return rows;
  }

  private async segmentAt(position: bigint): Promise<ArchivedSegment> {
    if (position >= this.end) {
      for (const segment of await loadSegments(this.ask, this.end)) if (segment.first === this.end) this.segments.push(segment);
    }
    let [low, high] = [0, this.segments.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const segment = this.segments[middle];
      if (segment !== undefined && segment.end <= position) low = middle + 1;
      else high = middle;
    }
    const found = this.segments[low];
    if (found === undefined) throw new EventStoreError('ARCHIVE_UNREADABLE', `The event at position ${position} has no text, and no archived segment covers it.`, { position });
    return found;
  }

  private get end(): bigint {
    return this.segments.at(-1)?.end ?? 0n;
  }

  private async opened(segment: ArchivedSegment): Promise<OpenSegment> {
    const known = this.cache.get(segment.first) ?? this.underWay.get(segment.first);
    if (known !== undefined) return known;
    const fetching = fetchSegment(this.reading?.objects, segment).finally(() => this.underWay.delete(segment.first));
    this.underWay.set(segment.first, fetching);
    const open = await fetching;
    this.cache.set(segment.first, open);
    return open;
  }
}

function covers({ first, end }: ArchivedSegment, position: bigint): boolean {
  return position >= first && position < end;
}
