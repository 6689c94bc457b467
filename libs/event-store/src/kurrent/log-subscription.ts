import { setTimeout as pause } from 'node:timers/promises';
import type { LogWatch } from '../log-watch.js';
import { headOf } from './convert.js';
import type { KurrentClient, KurrentSubscription } from './kurrent-client.js';

const PAUSE_MS = 1_000;

/** Keeps a watch up to date with what other processes append; a lost subscription is made again. */
export class LogSubscription {
  private running: Promise<void> | undefined;
  private current: KurrentSubscription | undefined;
  private readonly closed = new AbortController();

  constructor(
    private readonly client: KurrentClient,
    private readonly logStream: string,
    private readonly watch: LogWatch,
  ) {}

  /** Begins to listen, unless it does already. */
  start(): void {
    this.running ??= this.listen();
  }

  async close(): Promise<void> {
    this.closed.abort();
    await this.current?.unsubscribe().catch(() => undefined);
    await this.running;
  }

  private async listen(): Promise<void> {
    const { signal } = this.closed;
    while (!signal.aborted) {
      try {
        this.current = this.client.subscribeToStream(this.logStream, { fromRevision: 'end' });
        // What was appended while nobody listened.
        this.watch.wakeAll();
        for await (const { event } of this.current) if (event !== undefined) this.watch.advance(headOf(event).size);
      } catch {
        // Followers look for themselves meanwhile, so a server that is away is not an error here.
      }
      await pause(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
