/** How events are handed to handlers. One for all handlers of a service. */
export interface HandlingPolicy {
  /**
   * How many events of one handler are worked on at once. With 1 (default) a handler sees the events in log order, save that one which
   * is to come again is overtaken by the next: a poison message blocks nobody.
   */
  readonly concurrency: number;
  /** How often a handler may fail on an event for reasons of its own before it is a dead letter. */
  readonly maxFailures: number;
  /** Bound of every retry, also of `RetryLater` and of outages. */
  readonly maxDeliveries: number;
  /** Delay after the first, second, … failure; the last one repeats. */
  readonly failureBackoffMs: readonly number[];
  /** Delay while something that the handler needs is out of reach; the last one repeats. */
  readonly outageBackoffMs: readonly number[];
  /**
   * How long the server waits for a word about a delivered event before it gives it to another process. A running handler sends a
   * sign of life every third of it, so it bounds the pause after a crash, not the work.
   */
  readonly ackWaitMs: number;
  /** How long delivered events wait behind a running handler before they are given back for other processes to take. */
  readonly waitingMs: number;
  /** How long a closing service waits for handlers that run. What is still running then comes again. */
  readonly drainMs: number;
}

export const DEFAULT_HANDLING: HandlingPolicy = {
  concurrency: 1,
  maxFailures: 8,
  maxDeliveries: 1_000,
  failureBackoffMs: [250, 1_000, 5_000, 15_000, 60_000, 300_000, 900_000],
  outageBackoffMs: [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000],
  ackWaitMs: 30_000,
  waitingMs: 1_000,
  drainMs: 10_000,
};
