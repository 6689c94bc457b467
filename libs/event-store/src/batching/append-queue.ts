import type { AppendDraft } from '../append-draft.js';
import { EventStoreError } from '../errors.js';
import type { AppendResult } from '../event-store.js';

/** What one statement carries at most; past a hundred events a larger batch gains little and only makes its appends wait. */
const BATCH_APPENDS = 128;

export interface QueueLimits {
  /** Appends that may wait in this process; more are refused as OVERLOADED. */
  readonly maxQueuedAppends: number;
  readonly maxQueuedBytes: number;
  /** What one statement carries at most, unless a single append is larger. */
  readonly maxBatchBytes: number;
  /** After so long without reaching the database an append is given up as UNAVAILABLE. */
  readonly giveUpAfterMs: number;
  /** A server that has not answered a statement for so long counts as lost, and the statement's outcome as unknown. */
  readonly answerTimeoutMs: number;
  /** How long a statement waits for the head row, which somebody else may hold, before it is tried again; and how long our own transaction may stand idle. */
  readonly lockTimeoutMs: number;
}

export const DEFAULT_LIMITS: QueueLimits = {
  maxQueuedAppends: 10_000,
  maxQueuedBytes: 64 * 1024 * 1024,
  maxBatchBytes: 1024 * 1024,
  giveUpAfterMs: 10_000,
  answerTimeoutMs: 20_000,
  lockTimeoutMs: 2_000,
};

/** An append on its way, settled once. */
export class PendingAppend {
  readonly since = performance.now();
  settled = false;

  private answer: readonly AppendResult[] | Error = [];

  /** Joins `settledOnes` when it is settled; its caller hears of it from `tell`. */
  constructor(
    readonly draft: AppendDraft,
    private readonly onStored: (results: readonly AppendResult[]) => void,
    private readonly onFailed: (error: Error) => void,
    private readonly settledOnes: PendingAppend[],
  ) {}

  settle(answer: readonly AppendResult[] | Error): void {
    this.settled = true;
    this.answer = answer;
    this.settledOnes.push(this);
  }

  tell(): void {
    if (this.answer instanceof Error) this.onFailed(this.answer);
    else this.onStored(this.answer);
  }
}

/** First in, first out, bounded. */
export class AppendQueue {
  private items: PendingAppend[] = [];
  private first = 0;
  private bytes = 0;

  constructor(private readonly limits: QueueLimits) {}

  get length(): number {
    return this.items.length - this.first;
  }

  push(pending: PendingAppend): void {
    if (this.length >= this.limits.maxQueuedAppends || (this.length > 0 && this.bytes + pending.draft.maxBytes > this.limits.maxQueuedBytes)) {
      throw new EventStoreError('OVERLOADED', `${this.length} appends are waiting already: send this one again later.`);
    }
    this.items.push(pending);
    this.bytes += pending.draft.maxBytes;
  }

  /** What the next statement should carry: at least one append, however large it is. */
  takeBatch(): PendingAppend[] {
    let end = this.first;
    let bytes = 0;
    for (; end < this.items.length && end - this.first < BATCH_APPENDS; end += 1) {
      const size = this.items[end]?.draft.maxBytes ?? 0;
      if (end > this.first && bytes + size > this.limits.maxBatchBytes) break;
      bytes += size;
    }
    const batch = this.items.slice(this.first, end);
    this.first = end;
    this.bytes -= bytes;
    // Moving the rest down for every batch would cost more than the room it frees.
    if (this.first > 1_024 || this.first === this.items.length) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
    return batch;
  }

  /** Takes out what has waited for longer than `giveUpAfterMs`. */
  takeExpired(): PendingAppend[] {
    const waiting = this.items.slice(this.first);
    const expired = waiting.filter((pending) => this.isExpired(pending));
    if (expired.length > 0) this.replace(waiting.filter((pending) => !this.isExpired(pending)));
    return expired;
  }

  takeAll(): PendingAppend[] {
    const all = this.items.slice(this.first);
    this.replace([]);
    return all;
  }

  isExpired(pending: PendingAppend): boolean {
    return performance.now() - pending.since > this.limits.giveUpAfterMs;
  }

  private replace(items: PendingAppend[]): void {
    this.items = items;
    this.first = 0;
    this.bytes = items.reduce((sum, { draft }) => sum + draft.maxBytes, 0);
  }
}
