/**
 * Remembers how far the log is known to reach and wakes those who wait for more. Since it keeps the size and not the wake-up, a wake-up that
 * comes while its reader is busy reading is not lost: the reader compares before it sleeps.
 */
export class LogWatch {
  private size = 0n;
  private readonly sleepers = new Set<() => void>();

  /** The log holds at least `size` events. */
  advance(size: bigint): void {
    if (size <= this.size) return;
    this.size = size;
    this.wakeAll();
  }

  /** Something may have happened that nobody could tell us of: everybody looks for themselves. */
  wakeAll(): void {
    const woken = [...this.sleepers];
    this.sleepers.clear();
    for (const wake of woken) wake();
  }

  isBeyond(size: bigint): boolean {
    return this.size > size;
  }

  /** Resolves when the log is known to hold more than `size` events, when all are woken, after `pollMs`, or when `signal` aborts. */
  async beyond(size: bigint, pollMs: number, signal: AbortSignal): Promise<void> {
    if (this.isBeyond(size) || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, pollMs);
      signal.addEventListener('abort', wake, { once: true });
      this.sleepers.add(wake);
    });
  }
}
