import { DomainError, inTurns } from '@cairn/kernel';

interface Waiter {
  readonly position: bigint;
  readonly timer: NodeJS.Timeout;
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
    const due = [...this.waiting].filter(({ position }) => position < next);
    for (const waiter of due) {
      this.waiting.delete(waiter);
      clearTimeout(waiter.timer);
    }
    void inTurns(due, ({ resolve }) => resolve());
  }

  /** Rejects with DomainError READ_MODEL_BEHIND after `timeoutMs`; what was appended stays appended. */
  waitFor(position: bigint, timeoutMs: number): Promise<void> {
    if (position < this.visibleBelow) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(waiter);
        reject(
          new DomainError('READ_MODEL_BEHIND', 'The change is recorded, but not yet visible here. Read again in a moment; do not send it again under another key.', 'busy'),
        );
      }, timeoutMs);
      const waiter: Waiter = { position, timer, resolve };
      this.waiting.add(waiter);
    });
  }
}
