import type { SubjectKey, SubjectKeys } from '../personal/subject-keys.js';
import { newSubjectKey } from '../personal/memory-subject-keys.js';
import { Connection, sqlState, type Row, type Statement } from './connection.js';

const INSTALL_LOCK = 4_712_026_002;
/** The table or its schema isn't there. */
const MISSING = ['42P01', '3F000'];

/** A schema of its own, so that backups of the log can leave it out. */
const DDL = `
BEGIN;
SELECT pg_advisory_xact_lock(${INSTALL_LOCK});
CREATE SCHEMA IF NOT EXISTS subject_keys;
CREATE TABLE IF NOT EXISTS subject_keys.keys (
  subject text COLLATE "C" PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  secret bytea NOT NULL CHECK (octet_length(secret) = 32),
  made_at timestamptz NOT NULL DEFAULT now()
);
COMMIT;
`;

// A key that a crash could lose would take its texts along, so its commit waits for the disk whatever the role's default is.
const KEY_OF = `
WITH made AS (
  INSERT INTO subject_keys.keys (subject, id, secret) VALUES ($1, $2, decode($3, 'hex')) ON CONFLICT (subject) DO NOTHING RETURNING id, secret
)
SELECT id, encode(secret, 'hex'), set_config('synchronous_commit', 'on', true) FROM made
UNION ALL
SELECT id, encode(secret, 'hex'), '' FROM subject_keys.keys WHERE subject = $1`;

/** Keys in the log's database, in the schema `subject_keys`, which is made when the first key is needed. */
export class PostgresSubjectKeys implements SubjectKeys {
  constructor(
    private readonly url: string,
    private readonly rows: (statement: Statement) => Promise<Row[]>,
  ) {}

  async keyOf(subject: string): Promise<SubjectKey> {
    for (;;) {
      const made = newSubjectKey();
      const [row] = await this.asked({ name: 'cairn_key_of', text: KEY_OF, values: [subject, made.id, Buffer.from(made.secret).toString('hex')] });
      // Nothing: another process is making it at this moment, out of this statement's sight.
      if (row !== undefined) return keyOf(row);
    }
  }

  async find(ids: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const rows = await this.asked({ name: 'cairn_find_keys', text: "SELECT id, encode(secret, 'hex') FROM subject_keys.keys WHERE id = ANY ($1::uuid[])", values: [ids] });
    return new Map(rows.map((row) => [String(row[0]), keyOf(row)]));
  }

  /** The row's place on the page is free for others only after the vacuum, so that goes with it. */
  async erase(subject: string): Promise<boolean> {
    const erased = await this.asked({ text: 'DELETE FROM subject_keys.keys WHERE subject = $1 RETURNING id', values: [subject] });
    if (erased.length > 0) await this.asked({ text: 'VACUUM subject_keys.keys' });
    return erased.length > 0;
  }

  private async asked(statement: Statement): Promise<Row[]> {
    try {
      return await this.rows(statement);
    } catch (error) {
      if (!MISSING.includes(sqlState(error) ?? sqlState(error instanceof Error ? error.cause : undefined) ?? '')) throw error;
      const connection = await Connection.open(this.url, 'schema');
      try {
        await connection.run(DDL);
      } finally {
        connection.close();
      }
      return this.rows(statement);
    }
  }
}

/**
 * Erases the key of a data subject from a log's database: what its events say about the subject reads as `[erased]` from then on, at the latest a minute later.
 * False when there is no key: nothing was ever sealed for that subject, or it was erased before. Throws EventStoreError UNAVAILABLE.
 */
export async function eraseSubject(databaseUrl: string, subject: string): Promise<boolean> {
  const connection = await Connection.open(databaseUrl, 'erasure');
  try {
    return await new PostgresSubjectKeys(databaseUrl, (statement) => connection.rows(statement)).erase(subject);
  } finally {
    connection.close();
  }
}

function keyOf([id, secret]: Row): SubjectKey {
  return { id: String(id), secret: Buffer.from(secret ?? '', 'hex') };
}
