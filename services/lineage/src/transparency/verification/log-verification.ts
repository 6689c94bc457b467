import type { EventStore, LogPage, StoredRecord } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { EVENT_STORE } from '@cairn/service';
import { openCheckpoint, verifyLog, type LogEntry, type LogVerdict } from '@cairn/transparency';
import { Inject, Injectable } from '@nestjs/common';
import { LogLeader } from '../integrator/log-leader.js';
import { TreeStore } from '../tree/tree-store.js';

/** Hashed and compared in one go, some µs each: the thread is free again after a few milliseconds. */
const BATCH = 256;

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
    const columns = { firstBad: undefined as bigint | undefined };
    const verdict = await verifyLog(this.entries(checkpoint.size, columns), checkpoint, this.tree);
    const { firstBad } = columns;
    if (firstBad === undefined || (verdict.firstBadPosition !== undefined && verdict.firstBadPosition <= firstBad)) return verdict;
    return { ...verdict, verified: false, entriesVerified: false, firstBadPosition: firstBad, finding: 'CHANGED' };
  }

  /** Readers find events by columns beside the hashed text: these must say what the text says. */
  private async *entries(size: bigint, columns: { firstBad: bigint | undefined }): AsyncGenerator<readonly LogEntry[]> {
    let page: Promise<LogPage<StoredRecord>> | undefined = this.store.readRecords(0n, { limit: BATCH });
    while (page !== undefined) {
      const { events, next }: LogPage<StoredRecord> = await page;
      if (events.length === 0) return;
      // The next page is read while this one is hashed. Nobody may be left to hear of its failure when the verification has ended meanwhile.
      page = next < size ? this.store.readRecords(next, { limit: BATCH }) : undefined;
      page?.catch(() => undefined);
      columns.firstBad ??= events.find((record) => !columnsAgree(record))?.position;
      yield events;
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
