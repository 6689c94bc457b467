/** Elects one among many. Whoever waits takes over once the holder releases it, or is gone. */
export interface Lease {
  /** Waits for its turn. Rejects when `signal` aborts first. */
  acquire(signal: AbortSignal): Promise<HeldLease>;
}

export interface HeldLease {
  /**
   * Aborts when the lease is ours no more. It may come late: two holders at a time must do no harm, and with the relay they do none,
   * since the server refuses a copy that is not next.
   */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** For a process that has the log to itself, e.g. one with the store in memory. */
export const soleHolder: Lease = {
  acquire: async (signal) => {
    signal.throwIfAborted();
    return { lost: new AbortController().signal, release: async () => undefined };
  },
};
