import { Client, DatabaseError, type ClientConfig } from 'pg';
import { EventStoreError } from '../errors.js';

/** A row as PostgreSQL writes it: text, in the order of the columns. */
export type Row = (string | null)[];

export interface Statement {
  readonly text: string;
  /** A statement with a name is parsed once per connection. */
  readonly name?: string;
  /** Buffers travel in PostgreSQL's binary format, everything else as text. */
  readonly values?: readonly unknown[];
  /** How long the answer may take before the connection counts as lost. The server's own limits are shorter and answer first. */
  readonly answerTimeoutMs?: number;
}

const ANSWER_TIMEOUT_MS = 20_000;
const CONNECT_TIMEOUT_MS = 5_000;
const LOCK_TIMEOUT_MS = 4_000;

/**
 * No lock, statement or forgotten transaction of ours may hold the head row for long: everybody who appends needs it. Durability is not left
 * to the role's defaults.
 */
function session(lockTimeoutMs: number): string {
  return `
SET lock_timeout = ${lockTimeoutMs};
SET statement_timeout = '15s';
SET idle_in_transaction_session_timeout = ${lockTimeoutMs};
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
`;
}

export interface ConnectionOptions {
  /** Called once, also when the connection is lost while nothing is asked. */
  readonly onLost?: () => void;
  readonly answerTimeoutMs?: number;
  /** For a lock that somebody else holds, and for a transaction of ours that stands idle: the server ends both. */
  readonly lockTimeoutMs?: number;
}

/** Everything stays the text that the server sent; a type parser that somebody registers globally changes nothing here. */
const RAW_TYPES = { getTypeParser: () => (text: string) => text } as ClientConfig['types'];

export function clientConfig(url: string, application: string, answerTimeoutMs = ANSWER_TIMEOUT_MS): ClientConfig {
  return {
    connectionString: url,
    application_name: `cairn ${application}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
    types: RAW_TYPES,
  };
}

/** One session with PostgreSQL. Once it is lost it stays so; open another. */
export class Connection {
  private gone = false;

  private constructor(private readonly client: Client) {}

  /** Throws EventStoreError UNAVAILABLE. */
  static async open(url: string, application: string, options: ConnectionOptions = {}): Promise<Connection> {
    const client = new Client(clientConfig(url, application, options.answerTimeoutMs));
    const connection = new Connection(client);
    client.on('error', () => connection.close());
    client.once('end', () => {
      connection.gone = true;
      options.onLost?.();
    });
    try {
      await client.connect();
      await client.query(session(Math.trunc(options.lockTimeoutMs ?? LOCK_TIMEOUT_MS)));
    } catch (cause) {
      connection.close();
      throw new EventStoreError('UNAVAILABLE', 'The event store cannot be reached.', { cause });
    }
    return connection;
  }

  get lost(): boolean {
    return this.gone;
  }

  async rows({ text, name, values, answerTimeoutMs }: Statement): Promise<Row[]> {
    try {
      const query = { text, name, values: values as unknown[] | undefined, rowMode: 'array' as const, ...(answerTimeoutMs !== undefined && { query_timeout: answerTimeoutMs }) };
      const result = await this.client.query<Row>(query);
      return result.rows;
    } catch (error) {
      if (isLoss(error)) this.close();
      throw error;
    }
  }

  /** Several statements at once, without parameters. */
  async run(script: string): Promise<void> {
    await this.client.query(script);
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.rows({ text: 'BEGIN' });
    let result: T;
    try {
      result = await work();
    } catch (error) {
      if (!this.gone) await this.rows({ text: 'ROLLBACK' }).catch(() => this.close());
      throw error;
    }
    await this.rows({ text: 'COMMIT' });
    return result;
  }

  onNotification(listener: (payload: string) => void): void {
    this.client.on('notification', ({ payload }) => listener(payload ?? ''));
  }

  /** Ends the session without waiting for what is under way. */
  close(): void {
    if (this.gone) return;
    this.gone = true;
    this.client.end().catch(() => undefined);
    // A server that no longer answers would keep a polite goodbye waiting.
    this.client.connection.stream.destroy();
  }
}

export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** Whether the connection is of no use any more, and the outcome of what it was asked is unknown. A standby after a failover counts as well. */
export function isLoss(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true;
  return error.severity === 'FATAL' || error.severity === 'PANIC' || error.code === '25006' || (error.code ?? '').startsWith('08');
}

/** Contention, a statement's time limit, or a server short of something: worth another try soon. */
export function isPassing(error: unknown): boolean {
  const state = sqlState(error) ?? '';
  return ['55P03', '57014', '40P01', '40001'].includes(state) || state.startsWith('53') || state.startsWith('58');
}
