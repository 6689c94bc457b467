import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { inTurns } from '@cairn/kernel';
import type { AppendDraft } from '../append-draft.js';
import { EventStoreError } from '../errors.js';
import type { AppendResult } from '../event-store.js';
import { AppendQueue, PendingAppend, type QueueLimits } from './append-queue.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** Where batches go: what an adapter adds to the batching that all share. */
export interface BatchTarget {
  /**
   * Settles the appends that it is sure of and leaves the others open for another round. `sure`: an earlier attempt failed or its outcome is unknown, so
   * nothing that is remembered may be believed, and ids have to be looked for before anything is stored.
   */
  store(batch: readonly PendingAppend[], sure: boolean): Promise<void>;
  /** What an error of `store` asks for: another attempt at once, one after a pause, or to give these appends up. */
  judge(error: unknown): 'again' | 'later' | 'never';
  close(): void;
}

/**
 * Micro-batcher: what arrives while one statement is under way goes out together as the next one. One statement at a time, so appends of this
 * process can't disturb each other.
 */
export class AppendWriter {
  private readonly queue: AppendQueue;
  private readonly settledOnes: PendingAppend[] = [];
  private running: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly target: BatchTarget,
    limits: QueueLimits,
  ) {
    this.queue = new AppendQueue(limits);
  }

  append(draft: AppendDraft): Promise<readonly AppendResult[]> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw closedError();
      this.queue.push(new PendingAppend(draft, resolve, reject, this.settledOnes));
      this.running ??= this.drain();
    });
  }

  /** Appends that wait are still made, for as long as the store answers. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
    this.target.close();
  }

  private async drain(): Promise<void> {
    // One turn of the event loop: whoever was woken by the same input adds to the same batch.
    await nextTurn();
    while (this.queue.length > 0) {
      const written = this.write(this.queue.takeBatch());
      // Once this statement is on its way the callers of the last one are told: what they do next goes on beside the server's work, not before it.
      await nextTurn();
      await this.tellCallers();
      await written;
      if (this.queue.length > 0) continue;
      await this.tellCallers();
      await nextTurn();
    }
    // In the same breath as the last look at the queue: an append that came in between would wait for ever.
    this.running = undefined;
  }

  private tellCallers(): Promise<void> {
    return inTurns(this.settledOnes.splice(0), (pending) => pending.tell());
  }

  /** Returns once every append of the batch is settled. */
  private async write(batch: readonly PendingAppend[]): Promise<void> {
    let open = batch;
    let sure = false;
    let pauseMs = FIRST_PAUSE_MS;
    while (open.length > 0) {
      try {
        await this.target.store(open, sure);
        sure = false;
      } catch (error) {
        sure = true;
        const verdict = this.target.judge(error);
        if (verdict !== 'again') {
          this.giveUp(verdict === 'never' ? open : open.filter((pending) => this.queue.isExpired(pending)), error);
          this.giveUp(this.queue.takeExpired(), error);
          await this.tellCallers();
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
