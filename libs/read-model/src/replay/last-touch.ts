import type { EventStore } from '@cairn/event-store';
import type { ClientBase } from 'pg';
import type { Pace } from '../rebuild/pace.js';
import { Scratch, type AppliedBatch, type ScratchOptions } from '../rebuild/scratch.js';
import { writtenBy, type RowDifference, type TableDifferences } from './row-differences.js';

/** The event that wrote a row last, as the replay found it. */
export interface TouchingEvent {
  readonly position: bigint;
  readonly type: string;
  readonly stream: string;
}

/** Batches of the first replay that are replayed event by event: each event costs a transaction, so a log full of differences must not cost hours. */
const MOST_BATCHES = 16;

/**
 * Finds the event that last wrote each differing row. PostgreSQL keeps with every row the transaction that wrote it (`xmin`), and a replay applies batches
 * in one transaction each: so the batch is known. The log is replayed once more, in which every event of these batches gets a transaction of its
 * own, and then the row says which. Rows of further batches, and rows that the log does not make, stay without one.
 */
export async function findLastTouches(
  options: ScratchOptions & { readonly store: EventStore },
  { target, fill, batches, tables }: {
    readonly target: bigint;
    readonly fill: { readonly batch: number; readonly pace: Pace };
    readonly batches: readonly AppliedBatch[];
    readonly tables: readonly TableDifferences[];
  },
): Promise<ReadonlyMap<RowDifference, TouchingEvent>> {
  const listed = tables.flatMap(({ table, differences }) => differences.map((difference) => ({ table, difference })));
  const wanted = new Set(listed.flatMap(({ difference }) => difference.writtenBy ?? []));
  const narrowed = batches.filter(({ transaction }) => wanted.has(transaction)).slice(0, MOST_BATCHES);
  const touches = new Map<RowDifference, TouchingEvent>();
  if (narrowed.length === 0) return touches;

  const scratch = await Scratch.open(options);
  try {
    const positions = new Map<string, bigint>();
    const alone = (position: bigint): boolean => narrowed.some(({ first, last }) => position >= first && position <= last);
    const onApplied = ({ transaction, first, last }: AppliedBatch): void => {
      if (first === last) positions.set(transaction, first);
    };
    await scratch.fillTo(target, { ...fill, alone, onApplied });
    const client: ClientBase = await scratch.filling.connect();
    for (const { table, difference } of listed) {
      const position = positions.get((await writtenBy(client, options.schema, table, difference.key)) ?? '');
      if (position !== undefined) touches.set(difference, await eventAt(options.store, position));
    }
    return touches;
  } finally {
    await scratch.close();
  }
}

async function eventAt(store: EventStore, position: bigint): Promise<TouchingEvent> {
  const { events } = await store.readAll(position, { limit: 1 });
  const [event] = events;
  return { position, type: event?.type ?? '', stream: event?.stream ?? '' };
}
