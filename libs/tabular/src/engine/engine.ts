import type { JsonObject } from '@cairn/kernel';
import { TabularError } from '../errors.js';
import { EngineChild } from './engine-child.js';
import type { EngineAnswer, EngineSettings, FailureKind, Step } from './protocol.js';

/** Requests that run at a time in the child; DuckDB shares its threads and memory among them. */
const CONCURRENCY = 4;
const QUEUE_LIMIT = 500;

export interface RunOptions {
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly id: number;
  readonly steps: readonly Step[];
  readonly options: RunOptions;
  readonly resolve: (rows: JsonObject[]) => void;
  readonly reject: (error: TabularError) => void;
}

const CODES: Record<FailureKind, TabularError['code']> = { sql: 'QUERY_FAILED', 'too-large': 'RESULT_TOO_LARGE', cancelled: 'CANCELLED' };

/**
 * Requests to a child process that is started by the first of them. A child that ends fails what it was running, never what waits: the next
 * request starts a fresh one. Nothing is tried twice, since a statement that killed one child would kill the next.
 */
export class Engine {
  private child: EngineChild | undefined;
  private nextId = 1;
  private readonly queue: Waiting[] = [];
  private readonly running = new Map<number, Waiting>();
  private closed = false;

  constructor(private readonly settings: EngineSettings) {}

  /** Process id of the child, while there is one. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  run(steps: readonly Step[], options: RunOptions): Promise<JsonObject[]> {
    if (this.closed) return Promise.reject(closedError());
    if (options.signal?.aborted === true) return Promise.reject(cancelledError());
    if (this.queue.length >= QUEUE_LIMIT) return Promise.reject(new TabularError('BUSY', 'Too many questions wait for the query engine.'));
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      const { signal } = options;
      const onAbort = (): void => this.cancel(id);
      const settled = (): void => signal?.removeEventListener('abort', onAbort);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.queue.push({
        id,
        steps,
        options,
        resolve: (rows) => { settled(); resolve(rows); },
        reject: (error) => { settled(); reject(error); },
      });
      this.pump();
    });
  }

  close(): void {
    this.closed = true;
    for (const waiting of [...this.queue.splice(0), ...this.running.values()]) waiting.reject(closedError());
    this.running.clear();
    this.child?.kill();
    this.child = undefined;
  }

  private pump(): void {
    while (this.running.size < CONCURRENCY) {
      const next = this.queue.shift();
      if (next === undefined) break;
      this.running.set(next.id, next);
      const child = (this.child ??= this.startChild());
      child.busy();
      child.send({ id: next.id, steps: next.steps, maxRows: next.options.maxRows, maxBytes: next.options.maxBytes });
    }
    if (this.running.size === 0) this.child?.idle();
  }

  private startChild(): EngineChild {
    const child: EngineChild = new EngineChild(this.settings, {
      onAnswer: (answer) => this.settle(answer),
      onExit: (reason) => {
        if (this.child === child) this.crashed(reason);
      },
    });
    return child;
  }

  private settle(answer: EngineAnswer): void {
    const waiting = this.running.get(answer.id);
    if (waiting === undefined) return;
    this.running.delete(answer.id);
    if ('rows' in answer) waiting.resolve(answer.rows);
    else waiting.reject(failureError(answer.failure.kind, answer.failure.message));
    this.pump();
  }

  private crashed(reason: string): void {
    this.child = undefined;
    const lost = [...this.running.values()];
    this.running.clear();
    for (const waiting of lost) {
      waiting.reject(new TabularError('ENGINE_CRASHED', 'The query engine ended while it was working on this.', { cause: new Error(reason) }));
    }
    this.pump();
  }

  private cancel(id: number): void {
    const index = this.queue.findIndex((waiting) => waiting.id === id);
    if (index >= 0) this.queue.splice(index, 1)[0]?.reject(cancelledError());
    // One that runs is answered by the child, when the engine has really stopped working on it.
    else this.child?.send({ cancel: id });
  }
}

function failureError(kind: FailureKind, message: string): TabularError {
  const text = kind === 'too-large' ? `Too large an answer: ${message}.` : kind === 'cancelled' ? 'The question was cancelled.' : 'The query engine could not answer.';
  return new TabularError(CODES[kind], text, { cause: new Error(message) });
}

const closedError = (): TabularError => new TabularError('CLOSED', 'The query engine was closed.');
const cancelledError = (): TabularError => failureError('cancelled', 'aborted');
