import { DomainError } from '@cairn/kernel';

interface Waiter {
  readonly position: bigint;
  readonly resolve: () => void;
}

/** Commands that wait until the read model shows a position. */
export class Waiters {
  private readonly waiting = new Set<Waiter>();
  private visibleBelow = 0n;

  /** First position that is not yet visible. */
  get next(): bigint {
    return this.visibleBelow;
  }

  /** Never steps back: rows that are visible stay so. */
  advance(next: bigint): void {
    if (next <= this.visibleBelow) return;
    this.visibleBelow = next;
    for (const waiter of this.waiting) {
      if (waiter.position < next) {
        this.waiting.delete(waiter);
        waiter.resolve();
      }
    }
  }

  /** Rejects with DomainError READ_MODEL_BEHIND after `timeoutMs`; what was appended stays appended. */
  waitFor(position: bigint, timeoutMs: number): Promise<void> {
    if (position < this.visibleBelow) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        position,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.waiting.delete(waiter);
        reject(
          new DomainError('READ_MODEL_BEHIND', 'The change is recorded, but not yet visible here. Read again in a moment; do not send it again under another key.', 'busy'),
        );
      }, timeoutMs);
      this.waiting.add(waiter);
    });
  }
}
