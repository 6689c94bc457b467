import type { ObjectStore } from '@cairn/object-store';
import { EventStoreError } from '../../errors.js';
import { leafHash } from '../../record.js';
import type { Connection, Statement } from '../connection.js';
import { fetchSegment, loadLastSegment, rangeOf, recordSegment, type ArchivedSegment } from './archived-segment.js';
import { packSegment } from './segment.js';
import { readSource, type SegmentLimits, type SegmentSource } from './segment-source.js';

export type ArchiveStep =
  /** In the object store, and read back from there. */
  | { readonly step: 'stored' | 'recorded'; readonly segment: ArchivedSegment }
  /** Bodies below `upTo` are in the archive alone. */
  | { readonly step: 'emptied'; readonly upTo: bigint };

export interface ArchiveReport {
  /** Where the archive ended before. */
  readonly from: bigint;
  /** Where it ends now: every event below is archived. */
  readonly end: bigint;
  readonly segments: number;
  /** Of text, uncompressed. */
  readonly textBytes: number;
  readonly objectBytes: number;
  /** Whether PostgreSQL was told to make the room available for new events; autovacuum does it otherwise, later. */
  readonly vacuumed: boolean;
}

/** Rows whose bodies are taken out in one transaction: some tens of milliseconds. */
const EMPTIED_AT_ONCE = 1_000n;
const EMPTY: Statement = {
  name: 'cairn_empty_archived',
  text: 'UPDATE event_store.events SET body = NULL WHERE position >= $1 AND position < $2 AND body IS NOT NULL',
};
const MAY_EMPTY = "SELECT has_column_privilege('event_store.events', 'body', 'UPDATE')";
const VACUUM_TIMEOUT_MS = 6 * 60 * 60 * 1000;

/** Archives one log, over a connection that holds the lock of the only archiver. */
export class LogArchive {
  private readonly ask = (statement: Statement) => this.connection.rows(statement);

  constructor(
    private readonly connection: Connection,
    private readonly objects: Pick<ObjectStore, 'put' | 'read'>,
    private readonly limits: SegmentLimits,
    private readonly tell: (step: ArchiveStep) => Promise<void>,
  ) {}

  async moveBefore(before: bigint): Promise<ArchiveReport> {
    const last = await loadLastSegment(this.ask);
    const from = last?.end ?? 0n;
    const wasCutShort = last !== undefined && (await this.finish(last));
    const [[size] = []] = await this.ask({ text: 'SELECT size FROM event_store.log_head' });
    const goal = before < BigInt(size ?? 0) ? before : BigInt(size ?? 0);
    let [end, segments, textBytes, objectBytes] = [from, 0, 0, 0];
    while (end < goal) {
      const segment = await this.move(end, goal);
      end = segment.end;
      segments += 1;
      textBytes += segment.textBytes;
      objectBytes += segment.objectBytes;
    }
    const vacuumed = (wasCutShort || segments > 0) && (await this.vacuum());
    return { from, end, segments, textBytes, objectBytes, vacuumed };
  }

  /** An archiver that was killed may have left bodies of its last segment. Whether or not: what is archived must be readable from this object store before more goes there. */
  private async finish(last: ArchivedSegment): Promise<boolean> {
    await fetchSegment(this.objects, last);
    const [[wasCutShort] = []] = await this.ask({ text: 'SELECT body IS NOT NULL FROM event_store.events WHERE position = $1', values: [last.end - 1n] });
    if (wasCutShort !== 't') return false;
    await this.empty(last);
    return true;
  }

  private async move(first: bigint, goal: bigint): Promise<ArchivedSegment> {
    const source = await readSource(this.connection, first, goal, this.limits);
    if (source.bodies.length === 0) throw new EventStoreError('INVALID_EVENT', `The event at position ${first} is missing: nothing from there on is archived.`);
    const segment = await this.store(first, source);
    await this.tell({ step: 'stored', segment });
    await recordSegment(this.ask, segment);
    await this.tell({ step: 'recorded', segment });
    await this.empty(segment);
    return segment;
  }

  /** Writes the object, and reads it back as every reader will. */
  private async store(first: bigint, { bodies, leaves }: SegmentSource): Promise<ArchivedSegment> {
    const { text, packed } = await packSegment(bodies);
    const { digest } = await this.objects.put(packed);
    const segment = { first, end: first + BigInt(bodies.length), digest, objectBytes: packed.length, textBytes: text.length };
    const stored = await fetchSegment(this.objects, segment);
    if (!stored.hasText(text) || !leaves.every((leaf, index) => leafHash(stored.body(index) ?? '').equals(leaf))) {
      throw new EventStoreError('ARCHIVE_UNREADABLE', `The object store has given back other bytes than it got of the events ${rangeOf(segment)}: they stay where they are.`);
    }
    return segment;
  }

  /** In ascending order, so that the last row of a segment says whether all of it is done. */
  private async empty({ first, end }: ArchivedSegment): Promise<void> {
    const [[granted] = []] = await this.ask({ text: MAY_EMPTY });
    for (let next = first; next < end; ) {
      const upTo = next + EMPTIED_AT_ONCE < end ? next + EMPTIED_AT_ONCE : end;
      await this.connection.transaction(async () => {
        if (granted !== 't') await this.connection.run('GRANT UPDATE (body) ON event_store.events TO CURRENT_USER');
        await this.ask({ ...EMPTY, values: [next, upTo] });
        if (granted !== 't') await this.connection.run('REVOKE UPDATE (body) ON event_store.events FROM CURRENT_USER');
      });
      await this.tell({ step: 'emptied', upTo });
      next = upTo;
    }
  }

  /** Takes as long as the table is large, beside readers and writers. The archive is complete without it, so a failure is reported, not thrown. */
  private async vacuum(): Promise<boolean> {
    try {
      await this.connection.run('SET statement_timeout = 0; SET lock_timeout = 0');
      await this.ask({ text: 'VACUUM event_store.events', answerTimeoutMs: VACUUM_TIMEOUT_MS });
      return true;
    } catch {
      return false;
    }
  }
}
