import type { Connection } from './connection.js';
import { EventStoreError } from '../errors.js';
import { ARCHIVE_TABLES } from './archive/archive-schema.js';
import { CATEGORY } from './filtered-read.js';

/** Any number will do, as long as nobody else takes the same advisory lock in this database. */
const INSTALL_LOCK = 4_712_026_001;

/**
 * Names compare byte by byte ("C"), whatever the database's language is. `events` is append-only twice: nobody, not even its owner, is granted
 * UPDATE, DELETE or TRUNCATE, and triggers that fire always refuse them to superusers too (those of `events` come with the archive, ARCHIVE_TABLES). The head
 * row has no index: its updates then stay within one page and are pruned as they come.
 */
const TABLES = `
CREATE SCHEMA IF NOT EXISTS event_store;

CREATE TABLE IF NOT EXISTS event_store.events (
  position bigint PRIMARY KEY,
  stream text COLLATE "C" NOT NULL,
  revision bigint NOT NULL CHECK (revision >= 0),
  event_id uuid NOT NULL,
  type text COLLATE "C" NOT NULL,
  body text COLLATE "C",
  leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
  CONSTRAINT events_event_id_key UNIQUE (event_id),
  CONSTRAINT events_stream_revision_key UNIQUE (stream, revision)
);

CREATE TABLE IF NOT EXISTS event_store.log_head (
  size bigint NOT NULL CHECK (size >= 0)
) WITH (fillfactor = 10);
INSERT INTO event_store.log_head (size)
  SELECT coalesce(max(position) + 1, 0) FROM event_store.events
  HAVING NOT EXISTS (SELECT FROM event_store.log_head);

CREATE OR REPLACE FUNCTION event_store.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $refuse$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $refuse$;

CREATE OR REPLACE TRIGGER head_only_grows BEFORE UPDATE ON event_store.log_head
  FOR EACH ROW WHEN (NEW.size <= OLD.size) EXECUTE FUNCTION event_store.refuse_change();
ALTER TABLE event_store.log_head ENABLE ALWAYS TRIGGER head_only_grows;
CREATE OR REPLACE TRIGGER head_stays BEFORE INSERT OR DELETE OR TRUNCATE ON event_store.log_head
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.refuse_change();
ALTER TABLE event_store.log_head ENABLE ALWAYS TRIGGER head_stays;

REVOKE ALL ON event_store.events, event_store.log_head FROM PUBLIC, CURRENT_USER;
GRANT SELECT, INSERT ON event_store.events TO CURRENT_USER;
GRANT SELECT, UPDATE ON event_store.log_head TO CURRENT_USER;
`;

/** They serve filtered reads, for about 100 bytes an event. Tables of an earlier version have none yet. */
const INDEXES = `
CREATE INDEX IF NOT EXISTS events_type_position ON event_store.events (type, position);
CREATE INDEX IF NOT EXISTS events_category_position ON event_store.events ((${CATEGORY}), position);
`;

/**
 * Makes the tables and indexes unless they are there, and brings those of an earlier version up to date; an index that a large log lacks keeps appends waiting while it
 * is built. Any number of processes may do so at once. A role that may not create them can use tables that another role has made: it needs USAGE on the schema,
 * SELECT and INSERT on `events`, SELECT and UPDATE on `log_head`, and SELECT on `archived_segments` to read what is archived.
 */
export async function ensureSchema(connection: Connection): Promise<void> {
  // The last of each kind: where they are, everything is.
  if (await has(connection, 'events_category_position', 'archived_segments')) return;
  const [[encoding] = []] = await connection.rows({ text: 'SHOW server_encoding' });
  if (encoding !== 'UTF8') throw new EventStoreError('UNAVAILABLE', `The database's encoding is ${encoding}; an event log needs UTF8.`);
  await connection.transaction(async () => {
    await connection.rows({ text: `SELECT pg_advisory_xact_lock(${INSTALL_LOCK})` });
    if (!(await has(connection, 'log_head'))) await connection.run(TABLES);
    await connection.run(INDEXES);
    if (!(await has(connection, 'archived_segments'))) await connection.run(ARCHIVE_TABLES);
  });
}

/** Reads the catalogue's rows: a look-up by name may answer from a cache that has not heard yet what another session committed. */
async function has(connection: Connection, ...relations: readonly string[]): Promise<boolean> {
  const rows = await connection.rows({
    text: "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'event_store' AND c.relname = ANY ($1::text[])",
    values: [relations],
  });
  return rows.length === relations.length;
}
