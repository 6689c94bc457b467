import { EventStoreError, type EventStore, type LogPage, type StoredRecord } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { EVENT_STORE } from '@cairn/service';
import { openCheckpoint, verifyLog, type LogEntry, type LogVerdict } from '@cairn/transparency';
import { Inject, Injectable } from '@nestjs/common';
import { LogLeader } from '../integrator/log-leader.js';
import { TreeStore } from '../tree/tree-store.js';

/** Hashed and compared in one go, some µs each: the thread is free again after a few milliseconds. */
const BATCH = 256;

/** What was noticed while the log was read. */
interface Seen {
  /** Whose columns say something else than its text. */
  firstBad: bigint | undefined;
  /** Whose text is archived, and can't be had. */
  unreadable: bigint | undefined;
}

/** Compares the whole log, and the tiles that are stored of it, with the last signed checkpoint. Whoever asks while it runs gets the same answer. */
@Injectable()
export class LogVerification {
  private running: Promise<LogVerdict> | undefined;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(TreeStore) private readonly tree: TreeStore,
    @Inject(LogLeader) private readonly leader: LogLeader,
  ) {}

  /** Throws NOTHING_SIGNED while there is no checkpoint. */
  verify(): Promise<LogVerdict> {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async run(): Promise<LogVerdict> {
    const signed = await this.leader.signed();
    if (signed === undefined) throw new DomainError('NOTHING_SIGNED', 'No checkpoint was signed yet: there is nothing to compare the log with.', 'unmet');
    const checkpoint = openCheckpoint(signed.note, this.leader.key.verifiers);
    const seen: Seen = { firstBad: undefined, unreadable: undefined };
    const verdict = await verifyLog(this.entries(checkpoint.size, seen), checkpoint, this.tree);
    const { firstBad, unreadable } = seen;
    const isBefore = (position: bigint | undefined, other: bigint | undefined): boolean => position !== undefined && (other === undefined || position < other);
    if (isBefore(firstBad, verdict.firstBadPosition)) return { ...verdict, verified: false, entriesVerified: false, firstBadPosition: firstBad, finding: 'CHANGED' };
    // To whoever hashes, a log that can't be read any further has ended.
    return unreadable !== undefined && verdict.finding === 'MISSING' ? { ...verdict, finding: 'UNREADABLE' } : verdict;
  }

  /** Readers find events by columns beside the hashed text: these must say what the text says. */
  private async *entries(size: bigint, seen: Seen): AsyncGenerator<readonly LogEntry[]> {
    let page: Promise<LogPage<StoredRecord>> | undefined = this.read(0n, seen);
    while (page !== undefined) {
      const { events, next }: LogPage<StoredRecord> = await page;
      if (events.length === 0) return;
      // The next page is read while this one is hashed. Nobody may be left to hear of its failure when the verification has ended meanwhile.
      page = next < size && seen.unreadable === undefined ? this.read(next, seen) : undefined;
      page?.catch(() => undefined);
      seen.firstBad ??= events.find((record) => !columnsAgree(record))?.position;
      yield events;
    }
  }

  /** Of a page with events that nobody can read any more, those before them. */
  private async read(from: bigint, seen: Seen, limit = BATCH): Promise<LogPage<StoredRecord>> {
    try {
      return await this.store.readRecords(from, { limit });
    } catch (error) {
      if (!(error instanceof EventStoreError) || error.code !== 'ARCHIVE_UNREADABLE' || error.position === undefined) throw error;
      seen.unreadable = error.position > from ? error.position : from;
      return seen.unreadable > from ? this.read(from, seen, Number(seen.unreadable - from)) : { events: [], next: from };
    }
  }
}

/**
 * The text is canonical JSON, so what comes after `data` is the last `,"id":"` and the plain fields behind it: reading these alone is much faster than
 * parsing the whole event. A text that is not so has another hash than the one that was signed, and is found by that.
 */
function columnsAgree({ stream, revision, id, type, body }: StoredRecord): boolean {
  try {
    const fields = JSON.parse(`{${body.slice(body.lastIndexOf(',"id":"') + 1)}`) as Record<string, unknown>;
    return fields['subject'] === stream && fields['revision'] === String(revision) && fields['id'] === id && fields['type'] === type;
  } catch {
    return true;
  }
}
