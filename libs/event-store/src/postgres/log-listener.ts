import { setTimeout as pause } from 'node:timers/promises';
import { LogWatch } from '../log-watch.js';
import { CHANNEL } from './append-statement.js';
import { Connection } from './connection.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Keeps a watch up to date with what other processes append. All stores of this process that use one database share a listener: one connection
 * listens, and an append of one wakes the followers of all without a way through the server.
 */
export class LogListener {
  private static readonly shared = new Map<string, LogListener>();

  readonly watch = new LogWatch();
  private users = 0;
  private readonly closed = new AbortController();
  private running: Promise<void> | undefined;

  private constructor(private readonly url: string) {}

  static share(url: string): LogListener {
    const listener = LogListener.shared.get(url) ?? new LogListener(url);
    LogListener.shared.set(url, listener);
    listener.users += 1;
    return listener;
  }

  /** Begins to listen, unless it does already. */
  start(): void {
    this.running ??= this.listen();
  }

  /** The last user ends it. */
  async release(): Promise<void> {
    this.users -= 1;
    if (this.users > 0) return;
    LogListener.shared.delete(this.url);
    this.closed.abort();
    await this.running;
  }

  private async listen(): Promise<void> {
    const { signal } = this.closed;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.listenOnce(signal);
        pauseMs = FIRST_PAUSE_MS;
      } catch {
        // Followers look for themselves meanwhile, so a server that is away is not an error here.
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
      if (!signal.aborted) await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Returns when the connection is lost or the listener is closed. */
  private async listenOnce(signal: AbortSignal): Promise<void> {
    let connection: Connection | undefined;
    // The signal outlives this connection and those after it: what waits for it has to go with them.
    const over = new AbortController();
    try {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal });
        Connection.open(this.url, 'listener', { onLost: resolve }).then(async (opened) => {
          connection = opened;
          if (signal.aborted) return opened.close();
          opened.onNotification((payload) => this.heard(payload));
          await opened.run(`LISTEN ${CHANNEL}`);
          // What was appended while nobody listened.
          this.watch.wakeAll();
        }).catch(reject);
      });
    } finally {
      over.abort();
      connection?.close();
    }
  }

  private heard(payload: string): void {
    if (/^\d+$/.test(payload)) this.watch.advance(BigInt(payload));
    else this.watch.wakeAll();
  }
}
