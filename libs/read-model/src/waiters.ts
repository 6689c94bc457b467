import { DomainError } from '@cairn/kernel';

interface Waiter {
  readonly position: bigint;
  readonly timer: NodeJS.Timeout;
  readonly resolve: () => void;
}

const TOLD_AT_ONCE = 16;

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
    tell(due);
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

/** A few in each turn of the event loop: a hundred answers, all in one breath, would keep everybody else waiting. */
function tell(due: readonly Waiter[]): void {
  for (const { resolve } of due.slice(0, TOLD_AT_ONCE)) resolve();
  if (due.length > TOLD_AT_ONCE) setImmediate(() => tell(due.slice(TOLD_AT_ONCE)));
}
