import type { Tensor } from '../../tensor/tensor.js';
import type { ReplicaErrorCode } from '../replica.js';

/** What the thread starts with. */
export interface ThreadData {
  /** A place for each request that may wait: one whose place holds its `seq` is withdrawn. Shared, since a message would come after those that it is about. */
  readonly withdrawn: Int32Array;
}

/** To the thread. `seq` comes back with the answer. */
export type ThreadRequest =
  | { readonly seq: number; readonly kind: 'load'; readonly versionId: string; readonly path: string; readonly expected: string | undefined }
  | { readonly seq: number; readonly kind: 'infer'; readonly versionId: string; readonly inputs: readonly Tensor[]; readonly place: number }
  | { readonly seq: number; readonly kind: 'unload'; readonly versionId: string };

/**
 * Ends the thread between two calls, whatever waits. Terminating it from outside would do so in the middle of a native call as well, and that call then throws into
 * nothing and takes the whole process along.
 */
export interface ThreadEnd {
  readonly kind: 'end';
}

export type ThreadAnswer =
  | { readonly seq: number; readonly kind: 'loaded'; readonly digest: string }
  | { readonly seq: number; readonly kind: 'inferred'; readonly outputs: readonly Tensor[]; readonly runMs: number }
  | { readonly seq: number; readonly kind: 'withdrawn'; readonly inputs: readonly Tensor[] }
  | { readonly seq: number; readonly kind: 'unloaded' }
  | { readonly seq: number; readonly kind: 'failed'; readonly code: ReplicaErrorCode; readonly message: string };
