import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CancelRequest, EngineAnswer, EngineRequest, EngineSettings } from './protocol.js';

const MODULE = fileURLToPath(new URL('./engine-process.js', import.meta.url));
/** Queries run on libuv's pool: it must be larger than the number of requests at a time, or file access inside the child waits for queries. */
const THREAD_POOL_SIZE = 12;
const STDERR_KEPT_CHARS = 2_000;

export interface EngineListener {
  onAnswer(answer: EngineAnswer): void;
  /** Once. Whatever was under way is lost. */
  onExit(reason: string): void;
}

/** One child process with DuckDB in it. */
export class EngineChild {
  private readonly child: ChildProcess;
  private stderr = '';

  constructor(settings: EngineSettings, listener: EngineListener) {
    this.child = fork(MODULE, [JSON.stringify(settings)], {
      // The parent's flags and secrets are not the engine's.
      execArgv: [],
      env: { PATH: process.env['PATH'], UV_THREADPOOL_SIZE: String(THREAD_POOL_SIZE) },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-STDERR_KEPT_CHARS);
    });
    this.child.on('message', (message) => listener.onAnswer(message as EngineAnswer));
    let ended = false;
    const end = (reason: string): void => {
      if (ended) return;
      ended = true;
      listener.onExit(reason);
    };
    this.child.on('error', (error) => end(String(error)));
    this.child.on('exit', (code, signal) => end(`exit code ${code ?? 'none'}, signal ${signal ?? 'none'}; ${this.stderr}`));
    // Nobody who waits for nothing is kept alive by an idle engine.
    this.idle();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(message: EngineRequest | CancelRequest): void {
    // A channel that is gone also ends the child, and the exit is what fails the request.
    if (this.child.connected) this.child.send(message, () => {});
  }

  busy(): void {
    this.child.ref();
    this.child.channel?.ref();
  }

  idle(): void {
    this.child.unref();
    this.child.channel?.unref();
    const stderr = this.child.stderr;
    if (stderr !== null && 'unref' in stderr && typeof stderr.unref === 'function') stderr.unref();
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
