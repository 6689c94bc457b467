import { setImmediate as nextTurn } from 'node:timers/promises';
import { NO_STREAM } from '../append-draft.js';
import type { StreamHeads } from '../batching/stream-heads.js';
import type { ReadStreamOptions, StoredEvent } from '../event-store.js';
import { pageLimit } from '../limits.js';
import type { Row } from './connection.js';
import { ARCHIVED_LEAF } from './filtered-read.js';
import { eventOf, type LogReader } from './log-reader.js';

/** Reads of one stream that are asked for at the same moment share a statement; so many statements are under way at most. */
const STATEMENTS_AT_ONCE = 2;
const ASKED_PER_STATEMENT = 128;

const FORWARDS = `
  SELECT found.position, found.body, found.archived_leaf, asked.ordinal
  FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS asked (stream, first, most, ordinal)
  CROSS JOIN LATERAL (
    SELECT position, revision, body, ${ARCHIVED_LEAF} FROM event_store.events e
    WHERE e.stream = asked.stream AND e.revision >= asked.first ORDER BY e.revision LIMIT asked.most) found
  ORDER BY asked.ordinal, found.revision`;
const BACKWARDS = `
  SELECT position, body, ${ARCHIVED_LEAF} FROM event_store.events
  WHERE stream = $1 AND revision <= $2 ORDER BY revision DESC LIMIT $3`;
const LAST_REVISION = 9_223_372_036_854_775_807n;

interface Asked {
  readonly stream: string;
  readonly from: bigint;
  readonly limit: number;
  readonly resolve: (events: StoredEvent[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What commands load: many small reads at once. */
export class StreamReader {
  private waiting: Asked[] = [];
  private underWay = 0;

  constructor(
    private readonly reader: LogReader,
    private readonly heads: StreamHeads,
  ) {}

  async read(stream: string, options: ReadStreamOptions): Promise<readonly StoredEvent[]> {
    const limit = pageLimit(options.limit);
    if (options.direction === 'backwards') {
      const rows = await this.reader.rows({ name: 'cairn_read_backwards', text: BACKWARDS, values: [stream, options.from ?? LAST_REVISION, limit] });
      return (await this.reader.filled(rows)).map(([position, body]) => eventOf(position, body));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ stream, from: options.from ?? 0n, limit, resolve, reject });
      if (this.underWay < STATEMENTS_AT_ONCE) void this.drain();
    });
  }

  /** Never rejects: a failure is told to those who asked. */
  private async drain(): Promise<void> {
    this.underWay += 1;
    for (await nextTurn(); this.waiting.length > 0; ) {
      const asked = this.waiting.splice(0, ASKED_PER_STATEMENT);
      try {
        await this.answer(asked);
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    this.underWay -= 1;
  }

  private async answer(asked: readonly Asked[]): Promise<void> {
    const rows = await this.reader.rows({
      name: 'cairn_read_streams',
      text: FORWARDS,
      values: [asked.map(({ stream }) => stream), asked.map(({ from }) => from), asked.map(({ limit }) => limit)],
    });
    const found = asked.map((): Row[] => []);
    for (const row of rows) found[Number(row[3]) - 1]?.push(row);
    // Not awaited: who reads from the archive keeps nobody else waiting.
    asked.forEach((ask, index) => void this.settle(ask, found[index] ?? []));
  }

  private async settle({ stream, from, limit, resolve, reject }: Asked, rows: Row[]): Promise<void> {
    try {
      const filled = this.reader.filled(rows);
      const events = (filled instanceof Promise ? await filled : filled).map(([position, body]) => eventOf(position, body));
      const last = events.at(-1);
      // Who reads a stream to its end is likely to append to it next.
      if (last !== undefined && events.length < limit) this.heads.atLeast(stream, last.revision);
      if (last === undefined && from <= 0n) this.heads.atLeast(stream, NO_STREAM);
      resolve(events);
    } catch (damaged) {
      reject(damaged);
    }
  }
}
