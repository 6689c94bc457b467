import type { ObjectStore } from '@cairn/object-store';
import { EventStoreError } from '../../errors.js';
import { Connection, sqlState } from '../connection.js';
import { ensureSchema } from '../schema.js';
import { LogArchive, type ArchiveReport, type ArchiveStep } from './log-archive.js';
import { DEFAULT_SEGMENT_LIMITS, type SegmentLimits } from './segment-source.js';

/** Any number will do, as long as nobody else takes the same advisory lock in this database. */
const ARCHIVE_LOCK = 4_712_026_003;
const LOCK_NOT_AVAILABLE = '55P03';

export interface ArchiveOptions {
  /**
   * The log's database: a direct connection or a pooler in session mode. As its owner, or as a role with SELECT and UPDATE (body) on `events`, SELECT and INSERT on
   * `archived_segments`.
   */
  readonly url: string;
  /** The object store that every reader of the log is given. */
  readonly objects: Pick<ObjectStore, 'put' | 'read'>;
  readonly limits?: Partial<SegmentLimits>;
  /** Told of each step once it can't be lost any more, and waited for. What it throws ends the archiving there, and is thrown. */
  readonly onStep?: (step: ArchiveStep) => void | Promise<void>;
}

/**
 * Moves the bodies of all events below `before` (at most: of all that are in the log) into the object store, segment by segment: each is written, read back and compared, then
 * recorded, and only then the bodies are taken out of the table. May be killed at any moment: the log can be read throughout, and the next call goes on where this one
 * ended. One at a time; a second one waits a few seconds, then gives up.
 *
 * Throws EventStoreError: INVALID_EVENT for an event that isn't what was hashed (it and what follows stay where they are), ARCHIVE_UNREADABLE when what was written or
 * archived before can't be read back from `objects`, UNAVAILABLE.
 */
export async function archiveLog(before: bigint, { url, objects, limits, onStep = () => undefined }: ArchiveOptions): Promise<ArchiveReport> {
  let stopped: { readonly by: unknown } | undefined;
  const tell = async (step: ArchiveStep): Promise<void> => {
    try {
      await onStep(step);
    } catch (error) {
      stopped = { by: error };
      throw error;
    }
  };
  const connection = await Connection.open(url, 'archive');
  try {
    await ensureSchema(connection);
    await connection.rows({ text: `SELECT pg_advisory_lock(${ARCHIVE_LOCK})` });
    const archive = new LogArchive(connection, objects, { ...DEFAULT_SEGMENT_LIMITS, ...limits }, tell);
    return await archive.moveBefore(before);
  } catch (cause) {
    if (stopped !== undefined) throw stopped.by;
    if (cause instanceof EventStoreError) throw cause;
    const why = sqlState(cause) === LOCK_NOT_AVAILABLE ? 'another process archives it, or holds its tables' : 'a store can not be read or written';
    throw new EventStoreError('UNAVAILABLE', `The log can not be archived further now: ${why}. Archiving again goes on where this ended.`, { cause });
  } finally {
    connection.close();
  }
}
