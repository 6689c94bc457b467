import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '@cairn/kernel';
import type { AppendDraft } from '../append-draft.js';
import { EventStoreError } from '../errors.js';
import type { AppendResult } from '../event-store.js';
import { AppendQueue, PendingAppend, type QueueLimits } from './append-queue.js';
import { Connection, isLoss, isPassing, sqlState } from './connection.js';
import { BatchStore } from './batch-store.js';
import type { StreamHeads } from './stream-heads.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
const UNIQUE_VIOLATION = '23505';

export interface WriterOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly limits: QueueLimits;
  readonly heads: StreamHeads;
  /** Told of the log's size after every append. */
  readonly onAppended: (size: bigint) => void;
}

/**
 * Micro-batcher: what arrives while one statement is under way goes out together as the next one. One connection, one statement at a time, so
 * appends of this process can't disturb each other.
 */
export class AppendWriter {
  private readonly queue: AppendQueue;
  private readonly store: BatchStore;
  private connection: Connection | undefined;
  private readonly settledOnes: PendingAppend[] = [];
  private running: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: WriterOptions) {
    this.queue = new AppendQueue(options.limits);
    this.store = new BatchStore(options.heads, options.clock, options.onAppended);
  }

  append(draft: AppendDraft): Promise<readonly AppendResult[]> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw closedError();
      this.queue.push(new PendingAppend(draft, resolve, reject, this.settledOnes));
      this.running ??= this.drain();
    });
  }

  /** Appends that wait are still made, for as long as the database answers. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
    this.connection?.close();
  }

  private async drain(): Promise<void> {
    // One turn of the event loop: whoever was woken by the same input adds to the same batch.
    await nextTurn();
    while (this.queue.length > 0) {
      const written = this.write(this.queue.takeBatch());
      // Once this statement is on its way the callers of the last one are told: what they do next goes on beside PostgreSQL's work, not before it.
      await nextTurn();
      this.tellCallers();
      await written;
      if (this.queue.length > 0) continue;
      this.tellCallers();
      await nextTurn();
    }
    // In the same breath as the last look at the queue: an append that came in between would wait for ever.
    this.running = undefined;
  }

  private tellCallers(): void {
    for (const pending of this.settledOnes.splice(0)) pending.tell();
  }

  /** Returns once every append of the batch is settled. */
  private async write(batch: readonly PendingAppend[]): Promise<void> {
    let open = batch;
    let mustLock = false;
    let pauseMs = FIRST_PAUSE_MS;
    while (open.length > 0) {
      if (this.connection?.lost === true) this.connection = undefined;
      try {
        const connection = (this.connection ??= await Connection.open(this.options.url, 'appends', this.options.limits));
        await (mustLock ? this.store.storeLocked(connection, open) : this.store.storePlanned(connection, open));
        mustLock = false;
      } catch (error) {
        // Whatever became of the statement, the next attempt holds the head lock and looks which ids are stored.
        mustLock = true;
        if (sqlState(error) !== UNIQUE_VIOLATION) {
          const hopeless = !isLoss(error) && !isPassing(error);
          this.giveUp(hopeless ? open : open.filter((pending) => this.queue.isExpired(pending)), error);
          this.giveUp(this.queue.takeExpired(), error);
          this.tellCallers();
          await pause(pauseMs);
          pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
        }
      }
      open = open.filter(({ settled }) => !settled);
    }
  }

  private giveUp(given: readonly PendingAppend[], cause: unknown): void {
    for (const pending of given) {
      if (!pending.settled) pending.settle(new EventStoreError('UNAVAILABLE', 'The event store cannot be reached, or did not say whether it stored the events.', { cause }));
    }
  }
}

function closedError(): EventStoreError {
  return new EventStoreError('UNAVAILABLE', 'The event store is closed.');
}
