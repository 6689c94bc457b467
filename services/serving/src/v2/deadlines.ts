/** How late a deadline may be noticed. */
const TICK_MS = 250;

interface Deadline {
  readonly atMs: number;
  readonly passed: () => void;
}

/** Deadlines that hardly ever pass: a timer for each of thousands a second would cost more than what they watch. */
export class Deadlines {
  private readonly pending = new Set<Deadline>();
  private ticking: NodeJS.Timeout | undefined;

  /** Calls `passed` once `inMs` are over, or up to a quarter of a second later. Answers what calls it off. */
  set(inMs: number, passed: () => void): () => void {
    const deadline: Deadline = { atMs: performance.now() + inMs, passed };
    this.pending.add(deadline);
    this.ticking ??= setInterval(() => this.tick(), TICK_MS).unref();
    return () => void this.pending.delete(deadline);
  }

  private tick(): void {
    const now = performance.now();
    for (const deadline of this.pending) {
      if (deadline.atMs > now) continue;
      this.pending.delete(deadline);
      deadline.passed();
    }
    if (this.pending.size > 0) return;
    clearInterval(this.ticking);
    this.ticking = undefined;
  }
}
