import { sameHash, TileWriter } from '@cairn/transparency';
import { EventStoreError } from '../errors.js';
import type { StoredEvent, StoredRecord } from '../event-store.js';
import { leafHash, MAX_EVENT_BYTES, parseRecord, verifyRecord, type WrittenEvent } from '../record.js';
import { insertEvents } from './append-statement.js';
import { Connection, sqlState } from './connection.js';
import { ensureSchema } from './schema.js';

/** An event of another store, in the exact text that was hashed there. */
export type ImportedRecord = Pick<StoredRecord, 'position' | 'body'>;

/** What the records must come to: `size` events from position 0 on, whose RFC 6962 root this is. */
export interface ImportedLog {
  readonly size: bigint;
  readonly root: Uint8Array;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Stores a whole log byte for byte in an empty event store, in one transaction: all of it, when it makes the expected root, or nothing. Batches of a few hundred records; each
 * must come within the idle limit of a session (4 s). Throws INVALID_EVENT for records that are no events, have gaps or make another root, REVISION_CONFLICT for a store that
 * has events, and UNAVAILABLE.
 */
export async function importRecords(url: string, batches: AsyncIterable<readonly ImportedRecord[]>, expected: ImportedLog): Promise<void> {
  const connection = await Connection.open(url, 'import');
  try {
    await ensureSchema(connection);
    await connection.transaction(async () => {
      // Nobody appends until this transaction ends.
      const [[size] = []] = await connection.rows({ text: 'SELECT size FROM event_store.log_head FOR UPDATE' });
      if (size !== '0') throw new EventStoreError('REVISION_CONFLICT', `The event store has ${size ?? 'no'} events already: a log is imported into an empty one.`);
      const log = new ImportedEvents();
      for await (const records of batches) {
        const { events, bytes } = log.take(records);
        if (events.length > 0) await insertEvents(connection, events, bytes);
      }
      log.demand(expected);
    });
  } catch (cause) {
    // What the source of the records throws is its own to say.
    if (sqlState(cause) === undefined && !connection.lost) throw cause;
    throw new EventStoreError('UNAVAILABLE', 'The log can not be imported: the event store can not be written.', { cause });
  } finally {
    connection.close();
  }
}

/** What is known of the records so far. Memory: a number per stream, and the right edge of the tree. */
class ImportedEvents {
  private readonly tree = new TileWriter();
  private readonly revisions = new Map<string, bigint>();

  take(records: readonly ImportedRecord[]): { events: WrittenEvent[]; bytes: number } {
    let bytes = 0;
    const events = records.map((record) => {
      const event = this.eventOf(record);
      bytes += Buffer.byteLength(record.body);
      return event;
    });
    this.tree.takeTiles();
    return { events, bytes };
  }

  demand({ size, root }: ImportedLog): void {
    if (this.tree.size !== size || !sameHash(this.tree.root(), root)) {
      throw new EventStoreError('INVALID_EVENT', `The ${this.tree.size} records do not make the expected root over ${size} events.`);
    }
  }

  private eventOf({ position, body }: ImportedRecord): WrittenEvent {
    const leaf = leafHash(body);
    const { stream, revision, id, type } = parsed({ position, body });
    const isSound = typeof stream === 'string' && typeof type === 'string' && UUID.test(id) && verifyRecord({ position, stream, revision, id, type, body, leaf });
    if (!isSound || Buffer.byteLength(body) > MAX_EVENT_BYTES) throw notCanonical(position);
    const next = this.revisions.get(stream) ?? 0n;
    if (position !== this.tree.size || revision !== next) {
      throw new EventStoreError('INVALID_EVENT', `The record at position ${position}, revision ${revision} of ${stream}, is not the one that follows.`);
    }
    this.revisions.set(stream, next + 1n);
    this.tree.append(leaf);
    return { stream, revision, id, type, body };
  }
}

function parsed(record: ImportedRecord): StoredEvent {
  try {
    return parseRecord(record);
  } catch (cause) {
    throw notCanonical(record.position, cause);
  }
}

function notCanonical(position: bigint, cause?: unknown): EventStoreError {
  return new EventStoreError('INVALID_EVENT', `The record at position ${position} is not an event in canonical JSON.`, { cause });
}
