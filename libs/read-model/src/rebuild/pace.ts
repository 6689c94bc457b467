import { setTimeout as pause } from 'node:timers/promises';

/** What one slice should take. Whoever waits for the same thread or table waits so long at most, about. */
const SLICE_MS = 4;
const FEWEST = 40;
/** What a slice costs whatever is in it (a transaction, some round trips), counted in items: else small slices would look slow, and become smaller still. */
const OWN_COST = 50;
const LONGEST_REST_MS = 100;
/** However slow a slice was, its rest is no more than so many times what it would be on a machine with nothing else to do. */
const MOST_BUSY = 3;
/** How fast it is forgotten that an item once took less: rows become more expensive as tables grow. */
const FORGETTING = 1.01;

export interface PaceOptions {
  /** Items of one slice at most. */
  readonly most: number;
  /** Rest for each millisecond of work while nobody else seems to be busy: 2 leaves two thirds of the time to others. */
  readonly restPerWork: number;
}

/**
 * How work on many items goes on beside commands that should not feel it: in slices of a few milliseconds, each followed by a rest in proportion to what it
 * took. On a busy machine the same slice takes longer, so it shrinks, and its rest grows twice: with the time and with how much longer than usual that was.
 */
export class Pace {
  private items: number = FEWEST;
  private usualMs = Number.POSITIVE_INFINITY;

  constructor(private readonly options: PaceOptions) {}

  /** How many items the next slice should have. */
  get size(): number {
    return this.items;
  }

  /** Works, then rests. What `work` rejects with is passed on. */
  async slice<T>(items: number, work: () => Promise<T>): Promise<T> {
    const beganAtMs = performance.now();
    const result = await work();
    await pause(this.restMs(items, performance.now() - beganAtMs));
    return result;
  }

  /** Takes note of how long a slice took, and answers how long the rest after it is. */
  restMs(items: number, tookMs: number): number {
    let busy = 1;
    if (items > 0) {
      const perItemMs = tookMs / (items + OWN_COST);
      this.usualMs = Math.min(this.usualMs * FORGETTING, perItemMs);
      busy = Math.min(perItemMs / this.usualMs, MOST_BUSY);
      // At most doubled: one slice alone says little.
      const wanted = Math.min(SLICE_MS / perItemMs - OWN_COST, items * 2, this.options.most);
      this.items = Math.max(FEWEST, Math.trunc(wanted));
    }
    return Math.min(tookMs * this.options.restPerWork * busy, LONGEST_REST_MS);
  }
}
