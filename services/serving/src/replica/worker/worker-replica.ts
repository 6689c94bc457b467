import { Worker } from 'node:worker_threads';
import { newId } from '@cairn/kernel';
import { isTexts } from '../../tensor/datatype.js';
import type { Tensor } from '../../tensor/tensor.js';
import { ReplicaError, WithdrawnError, type InferenceOptions, type InferenceResult, type Replica } from '../replica.js';
import type { ThreadAnswer, ThreadData, ThreadEnd, ThreadRequest } from './thread-protocol.js';

export interface WorkerReplicaOptions {
  /** Requests that may wait, the running one included. More would only wait longer, and posting thousands at once holds up the event loop. */
  readonly maxPending?: number;
}

const DEFAULT_MAX_PENDING = 64;
const CLOSE_TIMEOUT_MS = 5_000;
const THREAD = new URL('./replica-thread.js', import.meta.url);

type Unsent<Request> = Request extends unknown ? Omit<Request, 'seq'> : never;

interface Waiting {
  readonly resolve: (answer: ThreadAnswer) => void;
  readonly reject: (error: ReplicaError) => void;
  /** Of a request that can be withdrawn: its version and its place among those that wait. */
  readonly withdrawable: { readonly versionId: string; readonly place: number } | undefined;
}

/**
 * A replica as a thread of this process. What crashes natively takes the process along: isolation needs a process, and the port allows for one. The thread
 * starts with the first request: a deployment that has no version yet costs nothing.
 */
export class WorkerReplica implements Replica {
  readonly id = newId();
  readonly lost: Promise<ReplicaError>;
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private readonly maxPending: number;
  /** Requests are answered in their order, so that no two of those that wait have the same place. */
  private readonly withdrawn: Int32Array;
  private inferences = 0;
  private readonly idlers: (() => void)[] = [];
  private announceLoss: (reason: ReplicaError) => void = () => undefined;
  private seq = 0;
  private end: ReplicaError | undefined;

  constructor({ maxPending = DEFAULT_MAX_PENDING }: WorkerReplicaOptions = {}) {
    this.maxPending = maxPending;
    this.withdrawn = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * maxPending));
    this.lost = new Promise((resolve) => (this.announceLoss = resolve));
  }

  get pending(): number {
    return this.waiting.size;
  }

  async load(versionId: string, path: string, expected?: string): Promise<{ readonly digest: string }> {
    const answer = await this.send({ kind: 'load', versionId, path, expected });
    if (answer.kind !== 'loaded') throw unexpected(answer);
    return { digest: answer.digest };
  }

  async infer(versionId: string, inputs: readonly Tensor[], { withdrawable = false }: InferenceOptions = {}): Promise<InferenceResult> {
    if (this.waiting.size >= this.maxPending) throw new ReplicaError('QUEUE_FULL', 'Exceeds maximum queue size');
    const place = this.inferences % this.maxPending;
    this.inferences += 1;
    const transfer = inputs.flatMap(({ data }) => (isTexts(data) ? [] : [data.buffer]));
    const answer = await this.send({ kind: 'infer', versionId, inputs, place }, transfer, withdrawable ? { versionId, place } : undefined);
    if (answer.kind === 'withdrawn') throw new WithdrawnError(answer.inputs);
    if (answer.kind !== 'inferred') throw unexpected(answer);
    return { outputs: answer.outputs, runMs: answer.runMs };
  }

  withdraw(versionIds: readonly string[]): void {
    for (const [seq, { withdrawable }] of this.waiting) {
      if (withdrawable !== undefined && versionIds.includes(withdrawable.versionId)) Atomics.store(this.withdrawn, withdrawable.place, seq | 0);
    }
  }

  async unload(versionId: string): Promise<void> {
    await this.send({ kind: 'unload', versionId });
  }

  idle(): Promise<void> {
    return this.waiting.size === 0 ? Promise.resolve() : new Promise((resolve) => this.idlers.push(resolve));
  }

  private tellIdlers(): void {
    if (this.waiting.size > 0) return;
    for (const resolve of this.idlers.splice(0)) resolve();
  }

  /** A thread that is deep in a native call ends after it; one that never comes back is left behind. */
  async close(): Promise<void> {
    const { worker } = this;
    if (worker === undefined) return this.lose(undefined);
    worker.postMessage({ kind: 'end' } satisfies ThreadEnd);
    const late = setTimeout(() => {
      worker.unref();
      this.lose(undefined);
    }, CLOSE_TIMEOUT_MS);
    await this.lost;
    clearTimeout(late);
  }

  private send(request: Unsent<ThreadRequest>, transfer: ArrayBuffer[] = [], withdrawable?: Waiting['withdrawable']): Promise<ThreadAnswer> {
    if (this.end !== undefined) return Promise.reject(this.end);
    this.seq += 1;
    const seq = this.seq;
    return new Promise((resolve, reject) => {
      this.waiting.set(seq, { resolve, reject, withdrawable });
      this.thread().postMessage({ ...request, seq }, transfer);
    });
  }

  private thread(): Worker {
    if (this.worker !== undefined) return this.worker;
    const worker = new Worker(THREAD, { workerData: { withdrawn: this.withdrawn } satisfies ThreadData });
    worker.on('message', (answer: ThreadAnswer) => this.settle(answer));
    worker.once('error', (cause) => this.lose(cause));
    worker.once('exit', () => this.lose(undefined));
    this.worker = worker;
    return worker;
  }

  private lose(cause: unknown): void {
    this.end ??= new ReplicaError('LOST', 'the replica ended before it answered', { cause });
    for (const { reject } of this.waiting.values()) reject(this.end);
    this.waiting.clear();
    this.tellIdlers();
    this.announceLoss(this.end);
  }

  private settle(answer: ThreadAnswer): void {
    const waiting = this.waiting.get(answer.seq);
    this.waiting.delete(answer.seq);
    if (answer.kind === 'failed') waiting?.reject(new ReplicaError(answer.code, answer.message));
    else waiting?.resolve(answer);
    this.tellIdlers();
  }
}

function unexpected(answer: ThreadAnswer): TypeError {
  return new TypeError(`the replica's thread answered ${answer.kind}`);
}
