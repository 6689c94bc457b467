import type { Tensor } from '../tensor/tensor.js';

/**
 * QUEUE_FULL    it has as many requests as it may hold: later, or another replica.
 * LOST          it died before it answered; whether it had run the request does not matter, running has no effects.
 * NOT_LOADED    it does not hold this version.
 * LOAD_FAILED   the file can't be loaded as a model.
 * INVALID_INPUT the model refuses the inputs: the caller's fault.
 * RUN_FAILED    the model failed on inputs that looked right.
 * NOT_READY     no replica has proved the version.
 * TIMED_OUT     it waited longer than it wanted to.
 * CANCELLED     whoever asked is gone.
 * WITHDRAWN     its version may not answer any more, and it had not begun; always a WithdrawnError.
 */
export type ReplicaErrorCode = 'QUEUE_FULL' | 'LOST' | 'NOT_LOADED' | 'LOAD_FAILED' | 'INVALID_INPUT' | 'RUN_FAILED' | 'NOT_READY' | 'TIMED_OUT' | 'CANCELLED' | 'WITHDRAWN';

export class ReplicaError extends Error {
  override readonly name = 'ReplicaError';

  constructor(
    readonly code: ReplicaErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Gives the tensors back as they were sent: another version may answer. */
export class WithdrawnError extends ReplicaError {
  constructor(readonly inputs: readonly Tensor[]) {
    super('WITHDRAWN', 'the version was stopped before the request began');
  }
}

export interface InferenceOptions {
  /** Whether `withdraw` may take it back; what proves a version may not be. */
  readonly withdrawable?: boolean;
}

export interface InferenceResult {
  readonly outputs: readonly Tensor[];
  /** In the model alone, without the way there and back. */
  readonly runMs: number;
}

/**
 * Runs model versions. It is a thread of this process today; as a process or a machine of its own it keeps this contract.
 *
 * - Requests are answered in the order they were sent.
 * - A replica that is lost fails everything that waits for it with LOST, and everything sent later. It never comes back: another one, with another
 *   id, takes its place and has to prove itself anew.
 * - Versions are held side by side, so that the next one is loaded before the last one goes.
 */
export interface Replica {
  /** UUID, new for every start. */
  readonly id: string;
  /** Requests that were sent and are not answered yet. */
  readonly pending: number;
  /**
   * Loads an ONNX file under the version's id; returns the digest of the bytes that it loaded, `sha256:<hex>`. A file with another digest than the one that is `expected` is
   * never made into a model: LOAD_FAILED.
   */
  load(versionId: string, path: string, expected?: string): Promise<{ readonly digest: string }>;
  /** Takes the tensors' memory: they must not be used again. */
  infer(versionId: string, inputs: readonly Tensor[], options?: InferenceOptions): Promise<InferenceResult>;
  /** Of these versions no request that can be withdrawn begins after this; each fails with WithdrawnError when its turn comes. What has begun runs on. */
  withdraw(versionIds: readonly string[]): void;
  unload(versionId: string): Promise<void>;
  /** Resolves when nothing waits for it, or it is gone. */
  idle(): Promise<void>;
  /** Resolves with the reason when it is gone, whoever ended it. */
  readonly lost: Promise<ReplicaError>;
  close(): Promise<void>;
}

/** Starts a replica; it may take its first request at once. */
export type StartReplica = () => Replica;
