import type { InferenceResult, Replica } from '../replica/replica.js';
import type { Tensor } from '../tensor/tensor.js';

export interface BatchLimits {
  /** Rows of one run. A request is never cut: one with more rows runs alone. */
  readonly maxRows: number;
  /** Requests that wait; above it they are refused with QUEUE_FULL. */
  readonly maxQueued: number;
  /** How long the oldest request may wait for others although a replica is idle. 0: not at all, which is right where a run costs less than the wait. */
  readonly delayMs: number;
  /** Numbers of rows that need not wait for more, ascending; the greatest that can be had is taken. Empty: only `maxRows`. */
  readonly preferredRows: readonly number[];
}

export interface BatchRequest {
  readonly versionId: string;
  readonly inputs: readonly Tensor[];
  readonly rows: number;
  /** Lower goes first; equal ones in the order in which they came. */
  readonly priority?: number;
  /** From now on; a request that waits longer fails with TIMED_OUT. */
  readonly timeoutMs?: number | undefined;
  /** Whoever asked is gone: what waits is dropped, with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
}

export interface BatchResult extends InferenceResult {
  readonly queueMs: number;
  /** Of the run that the request was part of. */
  readonly batchRows: number;
}

/** Where runs can go. */
export interface Instances {
  /** Replicas that are ready for the version, idle or not. */
  ready(versionId: string): readonly Replica[];
  /** Whether requests for the version may share a run: only where that was proved to change no answer. */
  sharesRuns(versionId: string): boolean;
}
