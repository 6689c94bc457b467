import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { readCheckpoint } from '../checkpoint.js';
import type { ProjectionSet } from '../projection-set.js';
import { withoutOthers } from '../rebuild/lock-out.js';
import { Pace } from '../rebuild/pace.js';
import { Scratch, type AppliedBatch, type FillOptions } from '../rebuild/scratch.js';
import { findLastTouches, type TouchingEvent } from './last-touch.js';
import { compareRows, type ComparedSchemas, type RowDifference, type TableDifferences } from './row-differences.js';
import { digestTables, type TableDigest } from './table-digest.js';
import { ONE_FORM_PER_VALUE } from './table-shape.js';

export interface ReplayOptions {
  readonly store: EventStore;
  readonly dataSource: DataSource;
  readonly schema: string;
  readonly projections: ProjectionSet;
  /** Last position to be replayed; absent: whatever the live tables show. */
  readonly to?: bigint | undefined;
  /** Resolves when the live tables show a position, or when it takes too long: then they are not compared. */
  readonly whenLiveShows: (position: bigint) => Promise<void>;
}

export interface ReplayedDifference extends Omit<RowDifference, 'writtenBy'> {
  /** The event that wrote the row last; absent where the log does not make the row, and where there were too many to look at. */
  readonly event?: TouchingEvent;
}

export interface ReplayedTable extends TableDigest {
  /** Absent when nothing was compared. */
  readonly live?: Omit<TableDifferences, 'table' | 'differences'> & { readonly differences: readonly ReplayedDifference[] };
}

export interface ReplayReport {
  /** Last position that is in the rows; undefined before the first event. */
  readonly position: bigint | undefined;
  /** Whether the live tables showed the same moment, so that they could be compared. */
  readonly compared: boolean;
  /** Present when compared. False is a defect of a projection, or somebody edited the tables. */
  readonly identical?: boolean;
  /** By name. */
  readonly tables: readonly ReplayedTable[];
}

/** Fewer than a rebuild takes at once: reading a page must not hold the process up, and the event that wrote a differing row is looked for within one batch. */
const BATCH = 100;
/** A third of one core while the machine has nothing else to do, and less the busier it is. */
const FILLING = { most: BATCH, restPerWork: 2 };
/** While a snapshot is held, PostgreSQL keeps old versions of rows that commands change, the head of the log first of all: it must not last much longer than it has to. */
export const LOOKING = { most: 250, restPerWork: 0.5 };
/** The live tables are held while so many events are applied at most, unless more arrive than can be applied. */
const HELD_EVENTS = 20n;
const MOST_CATCH_UPS = 20;

/**
 * Replays the log up to a position into fresh tables, digests them, and compares them with the live ones where these show the same moment. Comparisons and
 * digests work on one snapshot of the database. The live tables are held up only when `to` is absent, and only for the last few events.
 *
 * Throws POSITION_NOT_WRITTEN for a position that the log does not have, REBUILD_RUNNING while another rebuild or replay of the service runs.
 */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { store, dataSource, schema, projections, to, whenLiveShows } = options;
  const size = await store.size();
  if (to !== undefined && to >= size) {
    const end = size === 0n ? 'is empty' : `ends at position ${size - 1n}`;
    throw new DomainError('POSITION_NOT_WRITTEN', `The log ${end}: name a position that it has.`, 'unmet');
  }
  return withoutOthers(dataSource, schema, async (live) => {
    const scratchOptions = { store, dataSource, projections, schema: `${schema}_replay`, passing: true };
    const batches: AppliedBatch[] = [];
    const filling = { batch: BATCH, pace: new Pace(FILLING) };
    const onApplied = (batch: AppliedBatch): number => batches.push(batch);
    const scratch = await Scratch.open(scratchOptions);
    let found: Found;
    try {
      const snapshot: ClientBase = await scratch.filling.connect();
      if (to === undefined) {
        await catchUp(scratch, live, { ...filling, onApplied });
        found = await withLiveHeld(live, async (checkpoint) => {
          await scratch.fillTo(checkpoint, { batch: BATCH, onApplied });
          await beginSnapshot(snapshot);
          return checkpoint;
        }).then((target) => look(snapshot, options, scratch.schema, target));
      } else {
        await scratch.fillTo(to + 1n, { ...filling, onApplied });
        await whenLiveShows(to);
        await beginSnapshot(snapshot);
        found = await look(snapshot, options, scratch.schema, to + 1n);
      }
    } finally {
      await scratch.close();
    }
    const { target, digests, differences } = found;
    const touches = await findLastTouches(scratchOptions, { target, fill: filling, batches, tables: differences ?? [] });
    return reportOf(target, digests, differences, touches);
  });
}

/** While a long log is replayed much arrives: what has arrived meanwhile is replayed too, and so on, until little is left for the moment that holds everybody up. */
async function catchUp(scratch: Scratch, live: ClientBase, fill: FillOptions): Promise<void> {
  for (let round = 0; round < MOST_CATCH_UPS; round += 1) {
    const checkpoint = await readCheckpoint(live);
    if (round > 0 && checkpoint - scratch.reached <= HELD_EVENTS) return;
    await scratch.fillTo(checkpoint, fill);
  }
}

interface Found {
  /** First position that is not in the rows. */
  readonly target: bigint;
  readonly digests: readonly TableDigest[];
  /** Absent when live tables show another moment. */
  readonly differences: readonly TableDifferences[] | undefined;
}

/** The tables of the projections; what others own is not made from the log. */
export function tablesOf(projections: ProjectionSet, dataSource: DataSource): string[] {
  return projections.entities.map((entity) => dataSource.getMetadata(entity).tableName).sort();
}

/** From now on the connection sees the database as it is at this moment. It ends with the connection. */
export async function beginSnapshot(client: ClientBase): Promise<void> {
  await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${ONE_FORM_PER_VALUE}; SELECT 1`);
}

async function look(snapshot: ClientBase, { store, dataSource, schema, projections }: ReplayOptions, replayed: string, target: bigint): Promise<Found> {
  const tables = tablesOf(projections, dataSource);
  const pace = new Pace(LOOKING);
  const digests = await digestTables(snapshot, replayed, tables, pace);
  const { rows } = await snapshot.query<{ position: string }>(`SELECT position FROM ${schema}.projection_checkpoint`);
  const isSameMoment = !(await hasEvents(store, projections, target, BigInt(rows[0]?.position ?? '0')));
  const schemas: ComparedSchemas = { live: schema, replayed };
  return { target, digests, differences: isSameMoment ? await compareRows(snapshot, schemas, tables, pace) : undefined };
}

/** No batch of any process of the service commits while `work` runs; it is told where the live tables are. */
async function withLiveHeld(live: ClientBase, work: (checkpoint: bigint) => Promise<bigint>): Promise<bigint> {
  await live.query('BEGIN');
  try {
    const { rows } = await live.query<{ position: string }>('SELECT position FROM projection_checkpoint FOR UPDATE');
    return await work(BigInt(rows[0]?.position ?? '0'));
  } finally {
    await live.query('ROLLBACK').catch(() => undefined);
  }
}

/** Whether an event between two positions, in whatever order they are given, concerns the tables. */
async function hasEvents(store: EventStore, projections: ProjectionSet, one: bigint, other: bigint): Promise<boolean> {
  const [from, to] = one < other ? [one, other] : [other, one];
  for (let next = from; next < to; ) {
    const page = await store.readAll(next, { filter: { types: projections.types }, limit: 1 });
    const [first] = page.events;
    if (first !== undefined) return first.position < to;
    if (page.next <= next) return false;
    next = page.next;
  }
  return false;
}

function reportOf(
  target: bigint,
  digests: readonly TableDigest[],
  differences: readonly TableDifferences[] | undefined,
  touches: ReadonlyMap<RowDifference, TouchingEvent>,
): ReplayReport {
  const tables = digests.map((digest): ReplayedTable => {
    const compared = differences?.find(({ table }) => table === digest.table);
    if (compared === undefined) return digest;
    const { rowsLive, differing } = compared;
    return { ...digest, live: { rowsLive, differing, differences: compared.differences.map((difference) => withTouch(difference, touches.get(difference))) } };
  });
  return {
    position: target === 0n ? undefined : target - 1n,
    compared: differences !== undefined,
    ...(differences !== undefined && { identical: differences.every(({ differing }) => differing === 0) }),
    tables,
  };
}

function withTouch({ key, kind, columns }: RowDifference, event: TouchingEvent | undefined): ReplayedDifference {
  return { key, kind, columns, ...(event !== undefined && { event }) };
}
