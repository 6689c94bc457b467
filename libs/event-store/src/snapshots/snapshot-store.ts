/** A folded state as it is kept. What it says is believed only after `readSnapshot` has checked it. */
export interface Snapshot {
  readonly stream: string;
  /** Of the decider's `snapshot`. */
  readonly version: number;
  /** Of the last event that is folded in. */
  readonly revision: bigint;
  /** JSON. */
  readonly body: string;
  /** SHA-256 of all of the above, in hexadecimal. */
  readonly checksum: string;
}

/**
 * Keeps folded states beside the log. Nothing depends on it: it may lose what it was given, answer with an older one, be emptied at any moment, or fail.
 *
 * - One snapshot for each stream and version: the one saved last, whatever its revision is.
 * - Saving one removes those of lower versions of the same stream. Of higher versions it keeps its hands off: a newer process may be using them.
 * - `find` and `save` may reject with EventStoreError UNAVAILABLE; a `save` that does may have happened, and may be called again.
 */
export interface SnapshotStore {
  find(stream: string, version: number): Promise<Snapshot | undefined>;
  save(snapshot: Snapshot): Promise<void>;
  /** What is under way is still done; what is saved afterwards is not kept. */
  close(): Promise<void>;
}
