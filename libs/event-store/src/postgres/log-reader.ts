import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'pg';
import { EventStoreError } from '../errors.js';
import type { EventFilter, StoredEvent, StoredRecord } from '../event-store.js';
import type { UnparsedPage } from '../follow.js';
import { parseRecord } from '../record.js';
import { clientConfig, isLoss, isPassing, type Row, type Statement } from './connection.js';
import { ArchivedBodies, type ArchiveReading } from './archive/archived-bodies.js';
import { ARCHIVED_LEAF, filteredRead } from './filtered-read.js';

/** After so much text a page's parsing lets others have a turn: a few milliseconds' work. */
const CHARS_PER_TURN = 512 * 1024;
/** A read changes nothing, so a connection that was lost meanwhile is worth a few more tries. */
const PAUSES_MS = [10, 100, 400];

// Rows begin with position, body and leaf, as the archive wants them.
const READ_ALL: Statement = {
  name: 'cairn_read_all',
  text: `SELECT position, body, ${ARCHIVED_LEAF} FROM event_store.events WHERE position >= $1 ORDER BY position LIMIT $2`,
};
const READ_RECORDS: Statement = {
  name: 'cairn_read_records',
  text: `SELECT position, body, encode(leaf, 'base64'), stream, revision, event_id, type FROM event_store.events WHERE position >= $1 ORDER BY position LIMIT $2`,
};

/** Reads of the whole log, and the pool that all reads share. */
export class LogReader {
  private readonly pool: Pool;
  private readonly archived: ArchivedBodies;

  constructor(url: string, poolSize: number, archive?: ArchiveReading) {
    this.archived = new ArchivedBodies((statement) => this.rows(statement), archive);
    this.pool = new Pool({ ...clientConfig(url, 'reads'), max: poolSize });
    // An idle connection that is lost says so here; the pool has dropped it by then.
    this.pool.on('error', () => undefined);
  }

  async readAll(from: bigint, limit: number, filter?: EventFilter): Promise<UnparsedPage<StoredEvent>> {
    if (filter?.types !== undefined || filter?.streamPrefixes !== undefined) return this.readFiltered(from, limit, filter);
    const rows = await this.filled(await this.rows({ ...READ_ALL, values: [from, limit] }));
    return { count: rows.length, next: nextAfter(rows, from), parse: () => parsed(rows) };
  }

  async readRecords(from: bigint, limit: number): Promise<UnparsedPage<StoredRecord>> {
    const rows = await this.filled(await this.rows({ ...READ_RECORDS, values: [from, limit] }));
    return { count: rows.length, next: nextAfter(rows, from), parse: async () => rows.map(recordOf) };
  }

  /** With the bodies that lie in the archive. Rows begin with position, body and, where that is null, the leaf in base64. */
  filled(rows: Row[]): Row[] | Promise<Row[]> {
    return this.archived.fill(rows);
  }

  async size(): Promise<bigint> {
    const [[size] = []] = await this.rows({ text: 'SELECT size FROM event_store.log_head' });
    return BigInt(size ?? 0);
  }

  /** Throws EventStoreError UNAVAILABLE. */
  async rows({ text, name, values }: Statement): Promise<Row[]> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const result = await this.pool.query<Row>({ text, name, values: values as unknown[] | undefined, rowMode: 'array' });
        return result.rows;
      } catch (cause) {
        const pauseMs = PAUSES_MS[attempt];
        if (pauseMs === undefined || this.pool.ended || !(isLoss(cause) || isPassing(cause))) {
          throw new EventStoreError('UNAVAILABLE', 'The event store cannot be read.', { cause });
        }
        await pause(pauseMs);
      }
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async readFiltered(from: bigint, limit: number, filter: EventFilter): Promise<UnparsedPage<StoredEvent>> {
    const answer = await this.rows(filteredRead(from, limit, filter));
    const upto = BigInt(answer[0]?.[3] ?? 0);
    // When nothing was found there is one row, which says how far the search went.
    const rows = await this.filled(answer.filter(([position]) => position !== null));
    const next = rows.length === limit ? nextAfter(rows, from) : upto > from ? upto : from;
    return { count: rows.length, next, parse: () => parsed(rows) };
  }
}

async function parsed(rows: readonly Row[]): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  let chars = 0;
  for (const row of rows) {
    events.push(eventOf(row[0], row[1]));
    chars += row[1]?.length ?? 0;
    if (chars < CHARS_PER_TURN) continue;
    chars = 0;
    await nextTurn();
  }
  return events;
}

export function eventOf(position: string | null | undefined, body: string | null | undefined): StoredEvent {
  return parseRecord({ position: BigInt(position ?? 0), body: body ?? '' });
}

function recordOf([position, body, leaf, stream, revision, id, type]: Row): StoredRecord {
  return {
    position: BigInt(position ?? 0),
    stream: stream ?? '',
    revision: BigInt(revision ?? 0),
    id: id ?? '',
    type: type ?? '',
    body: body ?? '',
    leaf: Buffer.from(leaf ?? '', 'base64'),
  };
}

/** Rows begin with their position. */
function nextAfter(rows: readonly Row[], from: bigint): bigint {
  const last = rows.at(-1)?.[0];
  return last === undefined || last === null ? from : BigInt(last) + 1n;
}
