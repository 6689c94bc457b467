import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { MessagingError, needsOperator } from '../errors.js';
import { connectionOptions } from './server-address.js';
import { checkServer } from './server-check.js';

export interface NatsLinkOptions {
  /** See `connectionOptions`. */
  readonly url: string;
  /** Shown in the server's list of connections, e.g. the service. */
  readonly name: string;
  readonly logger: Logger;
  /** Replicas of the streams when they are created: 3 in a cluster, 1 (default) on a single server. */
  readonly replicas?: number;
}

/** `refused`: the server is there but does not do; somebody has to change it. */
export type LinkStatus =
  | { readonly state: 'connecting' | 'disconnected' | 'refused'; readonly reason: string }
  | { readonly state: 'connected' | 'closed' };

/** The time from one connect to the next disconnect. */
export interface JetStreamSession {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /**
   * Aborts when the connection is lost. Whatever waits for an answer should give up then: the client drops what it could not send, and
   * its own iterators may wait for half a minute before they look again.
   */
  readonly lost: AbortSignal;
}

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_WAIT_MS = 250;
const REFUSED_WAIT_MS = 2_000;
const PING_INTERVAL_MS = 10_000;
/** A connection that is dead without knowing it would drain for ever. */
const DRAIN_MS = 2_000;

/**
 * One connection to NATS that is never given up: a service starts and answers while NATS is down, and is connected once NATS is there.
 * Shared by the relay and the handlers of a process.
 */
export class NatsLink {
  readonly replicas: number;
  private current: LinkStatus = { state: 'connecting', reason: 'No connection to NATS yet.' };
  private nc: NatsConnection | undefined;
  private session: JetStreamSession | undefined;
  private connection = new AbortController();
  private readonly changes = new EventEmitter().setMaxListeners(0);
  private readonly closing = new AbortController();
  private readonly logger: Logger;
  private running: Promise<void> | undefined;

  constructor(private readonly options: NatsLinkOptions) {
    this.logger = options.logger.child({ part: 'nats' });
    this.replicas = options.replicas ?? 1;
  }

  get status(): LinkStatus {
    return this.current;
  }

  /** Begins to connect. `use` does it too. */
  open(): void {
    this.running ??= this.keepConnected();
  }

  /** Waits until there is a connection to a suitable server. Rejects with the reason of `signal` when it aborts first, or with CLOSED. */
  async use(signal: AbortSignal): Promise<JetStreamSession> {
    this.open();
    for (;;) {
      signal.throwIfAborted();
      if (this.closing.signal.aborted) throw new MessagingError('CLOSED', 'The connection to NATS is closed.');
      if (this.session !== undefined) return this.session;
      await once(this.changes, 'change', { signal });
    }
  }

  /** Sends what is buffered, if the server is there, and ends the connection for good. */
  async close(): Promise<void> {
    this.closing.abort();
    const { nc } = this;
    if (nc !== undefined && !nc.isClosed()) {
      const drained = this.session === undefined ? undefined : nc.drain().catch(() => undefined);
      await Promise.race([drained, delay(DRAIN_MS, undefined, { ref: false })]);
      await nc.close();
    }
    await this.running;
    this.change({ state: 'closed' });
  }

  private async keepConnected(): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        await this.connectOnce();
      } catch (error) {
        if (this.closing.signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (this.current.state !== 'closed' && this.reasonNow() !== reason) {
          if (needsOperator(error)) this.logger.error({ err: error }, reason);
          else this.logger.warn({ err: error }, 'NATS can not be reached; trying on');
        }
        this.change({ state: needsOperator(error) ? 'refused' : 'disconnected', reason });
        await delay(needsOperator(error) ? REFUSED_WAIT_MS : RECONNECT_WAIT_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  /** Returns or throws once the connection has ended for good. */
  private async connectOnce(): Promise<void> {
    const nc = await connect({
      ...connectionOptions(this.options.url),
      name: this.options.name,
      timeout: CONNECT_TIMEOUT_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_WAIT_MS,
      pingInterval: PING_INTERVAL_MS,
      // A server that restarts may refuse us for a moment, before it has read its accounts.
      ignoreAuthErrorAbort: true,
    });
    this.nc = nc;
    try {
      if (this.closing.signal.aborted) return;
      const statuses = nc.status();
      const jsm = await checkServer(nc);
      this.begin(nc, jsm);
      this.logger.info({ server: nc.info?.server_name, version: nc.info?.version }, 'connected to NATS');
      for await (const { type } of statuses) {
        if (type === 'disconnect') this.end('The connection to NATS was lost.');
        if (type === 'reconnect') this.begin(nc, jsm);
      }
      throw new MessagingError('CLOSED', 'The NATS client gave up its connection.', { cause: await nc.closed() });
    } finally {
      this.end('The connection to NATS is closed.');
      await nc.close();
    }
  }

  private begin(nc: NatsConnection, jsm: JetStreamManager): void {
    this.connection = new AbortController();
    this.session = { nc, js: jetstream(nc), jsm, lost: this.connection.signal };
    this.change({ state: 'connected' });
  }

  private end(reason: string): void {
    this.session = undefined;
    this.connection.abort(new MessagingError('CLOSED', reason));
    if (this.current.state === 'connected') this.change({ state: 'disconnected', reason });
  }

  private reasonNow(): string | undefined {
    return 'reason' in this.current ? this.current.reason : undefined;
  }

  private change(status: LinkStatus): void {
    this.current = status;
    this.changes.emit('change');
  }
}
