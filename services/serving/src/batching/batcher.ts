import { ReplicaError, WithdrawnError, type Replica } from '../replica/replica.js';
import type { BatchLimits, BatchRequest, BatchResult, Instances } from './batch-request.js';
import { joinInputs, kindOf, splitOutputs } from './batch-tensors.js';
import { leastBusy, RunCounts } from './run-counts.js';

/** Runs that can't be shared wait at the replica, which takes up the next one by itself; those that can wait here, where others join them. */
const RUNS_ALONE = 16;

interface Waiting extends BatchRequest {
  readonly kind: string | undefined;
  readonly priority: number;
  readonly cameAt: number;
  readonly resolve: (result: BatchResult) => void;
  readonly reject: (error: ReplicaError) => void;
  settled: boolean;
  stopWatching: () => void;
}

/**
 * Puts requests that wait at the same time into one run. Greedy: a replica that has nothing to do is given what is there, so that requests gather only while replicas are
 * busy or while the event loop reads others. One queue for all versions of a deployment, as they share its replicas.
 */
export class Batcher {
  private queue: Waiting[] = [];
  /** Runs of ours that each replica has, of either sort: neither keeps the other waiting. What else a replica does, such as proving another version, is short. */
  private readonly shared = new RunCounts<Replica>();
  private readonly alone = new RunCounts<Replica>();
  /** Runs under way, by version, and who waits until there are none. */
  private readonly underWay = new RunCounts<string>();
  private drains: { readonly versionId: string; readonly resolve: () => void }[] = [];
  /** Nothing of these versions begins. */
  private stopped: ReadonlySet<string> = new Set();
  private scheduled = false;
  private delay: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: () => BatchLimits,
    private readonly instances: Instances,
  ) {}

  get queued(): number {
    return this.queue.length;
  }

  /** Throws ReplicaError: what a replica throws, and QUEUE_FULL, NOT_READY, TIMED_OUT, CANCELLED, WITHDRAWN. Takes the tensors' memory, but gives it back with a WithdrawnError. */
  run(request: BatchRequest): Promise<BatchResult> {
    const { versionId, inputs, rows, priority = 0, timeoutMs, signal } = request;
    if (this.stopped.has(versionId)) return Promise.reject(new WithdrawnError(inputs));
    if (this.instances.ready(versionId).length === 0) return Promise.reject(notReady());
    if (this.queue.length >= this.limits().maxQueued) return Promise.reject(new ReplicaError('QUEUE_FULL', 'Exceeds maximum queue size'));
    if (signal?.aborted === true) return Promise.reject(cancelled());
    return new Promise((resolve, reject) => {
      const kind = this.instances.sharesRuns(versionId) ? kindOf(inputs) : undefined;
      const waiting: Waiting = { versionId, inputs, rows, kind, priority, cameAt: performance.now(), resolve, reject, settled: false, stopWatching: nothing };
      this.watch(waiting, timeoutMs, signal);
      this.enqueue(waiting);
      this.wake();
    });
  }

  /**
   * From now on no request for these versions begins, and others may again. What waits here fails with WithdrawnError at once, what waits at a replica when its turn comes;
   * what has begun is answered.
   */
  stop(versionIds: readonly string[]): void {
    const stopped = new Set(versionIds);
    this.stopped = stopped;
    if (stopped.size === 0) return;
    const withdrawn = this.queue.filter(({ versionId }) => stopped.has(versionId));
    this.queue = this.queue.filter(({ versionId }) => !stopped.has(versionId));
    for (const replica of new Set([...this.shared.keys, ...this.alone.keys])) replica.withdraw(versionIds);
    for (const waiting of withdrawn) this.fail(waiting, new WithdrawnError(waiting.inputs));
  }

  /** Resolves when no request for the version waits or runs. Somebody sees to it that none comes any more. */
  drained(versionId: string): Promise<void> {
    return new Promise((resolve) => {
      this.drains.push({ versionId, resolve });
      this.tellDrained();
    });
  }

  private tellDrained(): void {
    if (this.drains.length === 0) return;
    const isBusy = (versionId: string): boolean => this.underWay.has(versionId) || this.queue.some((waiting) => waiting.versionId === versionId);
    const [open, over] = [this.drains.filter(({ versionId }) => isBusy(versionId)), this.drains.filter(({ versionId }) => !isBusy(versionId))];
    this.drains = open;
    for (const { resolve } of over) resolve();
  }

  /** Requests that the event loop is reading now come along. */
  private wake(): void {
    if (this.scheduled || this.queue.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.dispatch();
    });
  }

  private enqueue(waiting: Waiting): void {
    const { queue } = this;
    let place = queue.length;
    while (place > 0 && (queue[place - 1]?.priority ?? 0) > waiting.priority) place -= 1;
    if (place === queue.length) queue.push(waiting);
    else queue.splice(place, 0, waiting);
  }

  private watch(waiting: Waiting, timeoutMs: number | undefined, signal: AbortSignal | undefined): void {
    if (timeoutMs === undefined && signal === undefined) return;
    const drop = (error: ReplicaError): void => {
      this.queue = this.queue.filter((other) => other !== waiting);
      this.fail(waiting, error);
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => drop(new ReplicaError('TIMED_OUT', 'Request timeout expired')), timeoutMs);
    const abort = (): void => drop(cancelled());
    signal?.addEventListener('abort', abort, { once: true });
    waiting.stopWatching = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  }

  private dispatch(): void {
    clearTimeout(this.delay);
    const blocked = new Set<string>();
    let index = 0;
    while (index < this.queue.length) {
      const head = this.queue[index];
      if (head === undefined) return;
      if (blocked.has(head.versionId)) {
        index += 1;
        continue;
      }
      const ready = this.instances.ready(head.versionId);
      if (ready.length === 0) {
        this.queue.splice(index, 1);
        this.fail(head, notReady());
        continue;
      }
      const sharesNothing = head.kind === undefined || this.limits().maxRows === 1;
      const running = sharesNothing ? this.alone : this.shared;
      const replica = leastBusy(ready, running, sharesNothing ? RUNS_ALONE : 1);
      const batch = replica === undefined ? [] : this.batchFrom(head);
      if (replica === undefined || this.mustWait(batch)) {
        blocked.add(head.versionId);
        index += 1;
        continue;
      }
      const taken = new Set(batch);
      this.queue = this.queue.filter((waiting) => !taken.has(waiting));
      for (const { stopWatching } of batch) stopWatching();
      running.begin(replica);
      this.underWay.begin(head.versionId);
      void this.runOn(replica, batch).finally(() => {
        running.end(replica);
        this.underWay.end(head.versionId);
        this.tellDrained();
        this.wake();
      });
    }
  }

  /** The head and those behind it that may share its run, up to the greatest number of rows that is wanted. */
  private batchFrom(head: Waiting): Waiting[] {
    if (head.kind === undefined) return [head];
    const batch: Waiting[] = [];
    const { maxRows, preferredRows } = this.limits();
    let rows = 0;
    let preferred = 0;
    for (const waiting of this.queue) {
      if (waiting !== head && (waiting.kind !== head.kind || waiting.versionId !== head.versionId)) continue;
      if (batch.length > 0 && rows + waiting.rows > maxRows) break;
      batch.push(waiting);
      rows += waiting.rows;
      if (preferredRows.includes(rows)) preferred = batch.length;
    }
    return preferred > 0 ? batch.slice(0, preferred) : batch;
  }

  /** Whether more rows are worth waiting for; sees to it that the wait ends. */
  private mustWait(batch: readonly Waiting[]): boolean {
    const { delayMs, maxRows, preferredRows } = this.limits();
    const [head] = batch;
    if (delayMs === 0 || head?.kind === undefined) return false;
    const rows = rowsIn(batch);
    if (rows >= maxRows || preferredRows.includes(rows)) return false;
    const left = delayMs - (performance.now() - Math.min(...batch.map(({ cameAt }) => cameAt)));
    if (left <= 0) return false;
    this.delay = setTimeout(() => this.dispatch(), Math.ceil(left));
    return true;
  }

  private async runOn(replica: Replica, batch: readonly Waiting[]): Promise<void> {
    const startedAt = performance.now();
    const [only] = batch;
    const alone = batch.length === 1 && only !== undefined;
    if (only !== undefined && this.stopped.has(only.versionId)) return this.giveBack(batch);
    try {
      const { outputs, runMs } = await replica.infer(only?.versionId ?? '', alone ? only.inputs : joinInputs(batch.map(({ inputs }) => inputs)), { withdrawable: true });
      const parts = alone ? [outputs] : splitOutputs(outputs, batch.map(({ rows }) => rows));
      if (parts === undefined) await this.runOneByOne(replica, batch);
      else batch.forEach((waiting, index) => this.answer(waiting, { outputs: parts[index] ?? [], runMs, queueMs: startedAt - waiting.cameAt, batchRows: rowsIn(batch) }));
    } catch (error) {
      const failure = toReplicaError(error);
      const isOfOne = failure.code === 'INVALID_INPUT' || failure.code === 'RUN_FAILED';
      if (!alone && failure.code === 'WITHDRAWN') this.giveBack(batch);
      else if (!alone && isOfOne) await this.runOneByOne(replica, batch);
      else for (const waiting of batch) this.fail(waiting, failure);
    }
  }

  /** One of them may have spoilt the run for all: each is answered for itself. */
  private async runOneByOne(replica: Replica, batch: readonly Waiting[]): Promise<void> {
    for (const waiting of batch) await this.runOn(replica, [waiting]);
  }

  /** Joined inputs are copies: those of each request are as they were. */
  private giveBack(batch: readonly Waiting[]): void {
    for (const waiting of batch) this.fail(waiting, new WithdrawnError(waiting.inputs));
  }

  private answer(waiting: Waiting, result: BatchResult): void {
    if (waiting.settled) return;
    waiting.settled = true;
    waiting.resolve(result);
  }

  private fail(waiting: Waiting, error: ReplicaError): void {
    if (waiting.settled) return;
    waiting.settled = true;
    waiting.stopWatching();
    waiting.reject(error);
    this.tellDrained();
  }
}

function rowsIn(batch: readonly Waiting[]): number {
  return batch.reduce((sum, { rows }) => sum + rows, 0);
}

function toReplicaError(error: unknown): ReplicaError {
  return error instanceof ReplicaError ? error : new ReplicaError('RUN_FAILED', error instanceof Error ? error.message : String(error), { cause: error });
}

const notReady = (): ReplicaError => new ReplicaError('NOT_READY', 'no replica is ready for the version');
const nothing = (): void => undefined;
const cancelled = (): ReplicaError => new ReplicaError('CANCELLED', 'whoever asked is gone');
