import { Pool } from 'pg';
import { EventStoreError } from '../errors.js';
import { clientConfig, Connection, sqlState, type Row, type Statement } from '../postgres/connection.js';
import type { Snapshot, SnapshotStore } from './snapshot-store.js';

const INSTALL_LOCK = 4_712_026_004;
/** A command that loads a long stream waits so long for a snapshot, then it reads the stream. */
const ANSWER_TIMEOUT_MS = 2_000;
/** The table or its schema isn't there. */
const MISSING = ['42P01', '3F000'];

/** A schema of its own, which can be dropped at any moment and is left out of backups without a loss. */
const DDL = `
BEGIN;
SELECT pg_advisory_xact_lock(${INSTALL_LOCK});
CREATE SCHEMA IF NOT EXISTS snapshots;
CREATE TABLE IF NOT EXISTS snapshots.states (
  stream text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  revision bigint NOT NULL,
  body text COLLATE "C" NOT NULL,
  checksum text COLLATE "C" NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (stream, version)
);
COMMIT;
`;

const FIND = 'SELECT revision, body, checksum FROM snapshots.states WHERE stream = $1 AND version = $2';

// A snapshot that a crash loses is made again, so its commit need not wait for the disk.
const SAVE = `
WITH older AS (
  DELETE FROM snapshots.states WHERE stream = $1 AND version < $2
), saved AS (
  INSERT INTO snapshots.states (stream, version, revision, body, checksum) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (stream, version) DO UPDATE SET revision = excluded.revision, body = excluded.body, checksum = excluded.checksum, saved_at = now()
  RETURNING 1
)
SELECT set_config('synchronous_commit', 'off', true) FROM saved`;

/** Snapshots in the log's database, in the schema `snapshots`, which is made when the first one is saved. Connects when it is first asked. */
export class PostgresSnapshotStore implements SnapshotStore {
  private readonly pool: Pool;

  constructor(private readonly url: string) {
    const timeouts = { statement_timeout: ANSWER_TIMEOUT_MS, lock_timeout: ANSWER_TIMEOUT_MS, connectionTimeoutMillis: ANSWER_TIMEOUT_MS };
    this.pool = new Pool({ ...clientConfig(url, 'snapshots', ANSWER_TIMEOUT_MS), ...timeouts, max: 2 });
    // An idle connection that is lost says so here; the pool has dropped it by then.
    this.pool.on('error', () => undefined);
  }

  async find(stream: string, version: number): Promise<Snapshot | undefined> {
    try {
      const [row] = await this.rows({ name: 'cairn_find_snapshot', text: FIND, values: [stream, version] });
      return row && { stream, version, revision: BigInt(row[0] ?? 0), body: row[1] ?? '', checksum: row[2] ?? '' };
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw new EventStoreError('UNAVAILABLE', 'A snapshot cannot be read.', { cause });
    }
  }

  async save({ stream, version, revision, body, checksum }: Snapshot): Promise<void> {
    if (this.pool.ending) return;
    const statement = { name: 'cairn_save_snapshot', text: SAVE, values: [stream, version, revision, body, checksum] };
    try {
      await this.rows(statement).catch(async (error: unknown) => {
        if (!isMissing(error)) throw error;
        await this.install();
        await this.rows(statement);
      });
    } catch (cause) {
      throw new EventStoreError('UNAVAILABLE', 'A snapshot cannot be saved.', { cause });
    }
  }

  async close(): Promise<void> {
    if (!this.pool.ending) await this.pool.end();
  }

  private async rows({ text, name, values }: Statement): Promise<Row[]> {
    const result = await this.pool.query<Row>({ text, name, values: values as unknown[] | undefined, rowMode: 'array' });
    return result.rows;
  }

  private async install(): Promise<void> {
    const connection = await Connection.open(this.url, 'schema');
    try {
      await connection.run(DDL);
    } finally {
      connection.close();
    }
  }
}

function isMissing(error: unknown): boolean {
  return MISSING.includes(sqlState(error) ?? '');
}
