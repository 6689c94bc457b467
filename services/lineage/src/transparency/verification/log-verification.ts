import { parseRecord, type EventStore, type StoredRecord } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { EVENT_STORE } from '@cairn/service';
import { openCheckpoint, verifyLog, type LogEntry, type LogVerdict } from '@cairn/transparency';
import { Inject, Injectable } from '@nestjs/common';
import { LogLeader } from '../integrator/log-leader.js';
import { TreeStore } from '../tree/tree-store.js';

/** Hashed and parsed in one go, about 20 µs each: the thread is free again after some milliseconds. */
const BATCH = 250;

/** Compares the whole log with the last signed checkpoint. Whoever asks while it runs gets the same answer. */
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
    const checkpoint = openCheckpoint(signed.note, this.leader.key.verifier);
    const columns = { firstBad: undefined as bigint | undefined };
    const verdict = await verifyLog(this.entries(checkpoint.size, columns), checkpoint, this.tree);
    const { firstBad } = columns;
    if (firstBad === undefined || (verdict.firstBadPosition !== undefined && verdict.firstBadPosition <= firstBad)) return verdict;
    return { ...verdict, verified: false, firstBadPosition: firstBad, finding: 'CHANGED' };
  }

  /** Readers find events by columns beside the hashed text: these must say what the text says. */
  private async *entries(size: bigint, columns: { firstBad: bigint | undefined }): AsyncGenerator<readonly LogEntry[]> {
    for (let next = 0n; next < size; ) {
      const page = await this.store.readRecords(next, { limit: BATCH });
      if (page.events.length === 0) return;
      columns.firstBad ??= page.events.find((record) => !columnsAgree(record))?.position;
      yield page.events;
      next = page.next;
    }
  }
}

function columnsAgree(record: StoredRecord): boolean {
  try {
    const { stream, revision, id, type } = parseRecord(record);
    return stream === record.stream && revision === record.revision && id === record.id && type === record.type;
  } catch {
    // The text is no event any more, which its hash says too.
    return true;
  }
}
