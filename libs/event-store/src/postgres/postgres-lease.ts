import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreError } from '../errors.js';
import { Connection } from './connection.js';

const RETRY_MS = 500;
const HEARTBEAT_MS = 2_000;
/** The longest that a timer can be set to; then the wait begins anew. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** The server, too, has to notice that a holder is gone: after about 15 seconds without an answer it ends the session and frees the lock. */
const SESSION = `
SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2; SET lock_timeout = 0; SET statement_timeout = 0;
`;

/**
 * Elects one among many processes: the holder of a session's advisory lock. It ends with the session, so a holder that died is replaced at once. A
 * holder that is cut off may believe in its lease for some seconds more; what it does under the lease must be safe even then.
 */
export class PostgresLease {
  private readonly ended = new AbortController();
  private heartbeat: NodeJS.Timeout | undefined;

  private constructor(private readonly connection: Connection) {
    this.heartbeat = setInterval(() => void connection.rows({ text: 'SELECT 1' }).catch(() => connection.close()), HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  /** Aborts when the lease is lost or released: stop at once what only the holder may do. */
  get signal(): AbortSignal {
    return this.ended.signal;
  }

  /** Waits until the lease `name` is ours, through lost connections too; rejects with UNAVAILABLE once `signal` aborts. */
  static async acquire(url: string, name: string, signal: AbortSignal): Promise<PostgresLease> {
    while (!signal.aborted) {
      try {
        return await PostgresLease.tryOnce(url, name, signal);
      } catch {
        await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    throw new EventStoreError('UNAVAILABLE', `The wait for the lease ${name} was given up.`);
  }

  /** Gives the lease to the next who waits. */
  async release(): Promise<void> {
    this.end();
    this.connection.close();
  }

  private static async tryOnce(url: string, name: string, signal: AbortSignal): Promise<PostgresLease> {
    let lease: PostgresLease | undefined;
    const connection = await Connection.open(url, `lease ${name}`, { onLost: () => lease?.end() });
    const stop = () => connection.close();
    signal.addEventListener('abort', stop, { once: true });
    // An abort that came while the connection was being made fired no listener.
    if (signal.aborted) stop();
    try {
      await connection.run(SESSION);
      await connection.rows({ text: 'SELECT pg_advisory_lock(hashtextextended($1, 4712))', values: [name], answerTimeoutMs: LONGEST_WAIT_MS });
      if (signal.aborted || connection.lost) throw new EventStoreError('UNAVAILABLE', 'The lease was lost as it was won.');
      lease = new PostgresLease(connection);
      return lease;
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  private end(): void {
    clearInterval(this.heartbeat);
    this.ended.abort();
  }
}
