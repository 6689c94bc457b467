import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync } from 'node:fs';

import { EmbeddedError } from '../embedded-error.js';
import { until } from './deadline.js';
import { killTree, signal } from './process-tree.js';

export interface Program {
  /** For messages: `PostgreSQL`, `nats-server`. */
  readonly title: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd: string;
  /** Everything the server says; the log of the run before is kept beside it as `<logFile>.1`. */
  readonly logFile: string;
  /** Asks the server to end and to leave everything in order. */
  readonly stopSignal: NodeJS.Signals;
}

const LOG_TAIL_LINES = 15;

/**
 * One server as a child process. It does not outlive us: a leash ends it (with its stop signal) when this process disappears,
 * even by kill -9. It has its own session, so that Ctrl-C in a terminal reaches us alone and we stop things in order.
 */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #leash: ChildProcess | undefined;
  readonly #ended: Promise<void>;
  #over = false;
  #expected = false;

  constructor(
    private readonly program: Program,
    onUnexpectedExit: (error: EmbeddedError) => void,
  ) {
    try {
      renameSync(program.logFile, `${program.logFile}.1`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const log = openSync(program.logFile, 'w', 0o600);
    this.#child = spawn(program.file, program.args, {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: program.cwd,
      env: program.env ?? process.env,
      ...(program.uid === undefined ? {} : { uid: program.uid, gid: program.gid }),
    });
    closeSync(log);
    this.#ended = new Promise((resolve) => {
      const end = (why: string) => {
        this.#over = true;
        this.#leash?.kill('SIGKILL');
        resolve();
        if (!this.#expected) onUnexpectedExit(this.failure('SERVER_EXITED', why));
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('exit', (code, by) => end(by ? `it was ended by ${by}` : `it exited with code ${code}`));
    });
    this.#leash = this.#child.pid === undefined ? undefined : leash(this.#child.pid, program.stopSignal);
    this.#child.unref();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Waits until `ready` says true; throws with the end of the server's log when the server ends or time runs out before. */
  async whenReady(deadlineMs: number, ready: () => boolean | Promise<boolean>): Promise<void> {
    const outcome = await until(deadlineMs, async () => {
      if (this.#over) return 'over';
      return (await ready()) ? 'ready' : undefined;
    });
    if (outcome === 'ready') return;
    const failure = this.failure('START_FAILED', outcome === 'over' ? 'it ended while starting' : `it was not ready after ${deadlineMs / 1000} s`);
    await this.kill();
    throw failure;
  }

  /** Ends the server in order; by force when it has not ended in time. Safe to call twice. */
  async stop(deadlineMs = 30_000): Promise<void> {
    this.#expected = true;
    if (this.#child.pid !== undefined && !this.#over) signal(this.#child.pid, this.program.stopSignal);
    const inOrder = await until(deadlineMs, () => (this.#over ? true : undefined));
    if (!inOrder) await this.kill();
  }

  /** Ends the server and all its children at once and without a warning. */
  async kill(): Promise<void> {
    this.#expected = true;
    this.#child.ref();
    if (this.#child.pid !== undefined && !this.#over) await killTree(this.#child.pid);
    await this.#ended;
  }

  logTail(): string {
    try {
      return readFileSync(this.program.logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
    } catch {
      return '(no log)';
    }
  }

  private failure(code: 'START_FAILED' | 'SERVER_EXITED', why: string): EmbeddedError {
    const { title, logFile } = this.program;
    return new EmbeddedError(code, `${title} is not running: ${why}. The end of ${logFile}:\n${this.logTail()}`);
  }
}

/** A shell that waits for our end of a pipe to close, which the kernel does whatever becomes of us, and then ends the server. */
function leash(pid: number, stopSignal: NodeJS.Signals): ChildProcess {
  const name = stopSignal.replace('SIG', '');
  const shell = spawn('/bin/sh', ['-c', `read -r nothing; kill -${name} ${pid} 2>/dev/null`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  shell.on('error', () => undefined);
  shell.unref();
  const pipe = shell.stdin;
  // An open pipe alone would keep a finished program waiting for its server.
  if (pipe && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  pipe?.on('error', () => undefined);
  return shell;
}
