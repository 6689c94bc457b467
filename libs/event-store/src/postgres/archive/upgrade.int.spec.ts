import { randomBytes } from 'node:crypto';
import { createDatabase, tempDir } from '@cairn/testing';
import { expect, it } from 'vitest';
import { ArchivedLog, allRecords } from '../../testing/archived-log.js';
import { appendTo, someEvents } from '../../testing/events.js';
import { withSession } from '../../testing/session.js';
import { PostgresEventStore } from '../postgres-event-store.js';

/** The tables as they were before there was an archive. */
const EARLIER_TABLES = `
CREATE SCHEMA event_store;
CREATE TABLE event_store.events (
  position bigint PRIMARY KEY,
  stream text COLLATE "C" NOT NULL,
  revision bigint NOT NULL CHECK (revision >= 0),
  event_id uuid NOT NULL,
  type text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
  CONSTRAINT events_event_id_key UNIQUE (event_id),
  CONSTRAINT events_stream_revision_key UNIQUE (stream, revision)
);
CREATE TABLE event_store.log_head (size bigint NOT NULL CHECK (size >= 0)) WITH (fillfactor = 10);
INSERT INTO event_store.log_head VALUES (0);
CREATE FUNCTION event_store.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $refuse$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $refuse$;
CREATE TRIGGER events_are_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON event_store.events FOR EACH STATEMENT EXECUTE FUNCTION event_store.refuse_change();
ALTER TABLE event_store.events ENABLE ALWAYS TRIGGER events_are_for_ever;
CREATE TRIGGER head_only_grows BEFORE UPDATE ON event_store.log_head FOR EACH ROW WHEN (NEW.size <= OLD.size) EXECUTE FUNCTION event_store.refuse_change();
ALTER TABLE event_store.log_head ENABLE ALWAYS TRIGGER head_only_grows;
CREATE TRIGGER head_stays BEFORE INSERT OR DELETE OR TRUNCATE ON event_store.log_head FOR EACH STATEMENT EXECUTE FUNCTION event_store.refuse_change();
ALTER TABLE event_store.log_head ENABLE ALWAYS TRIGGER head_stays;
REVOKE ALL ON event_store.events, event_store.log_head FROM PUBLIC, CURRENT_USER;
GRANT SELECT, INSERT ON event_store.events TO CURRENT_USER;
GRANT SELECT, UPDATE ON event_store.log_head TO CURRENT_USER;
CREATE INDEX events_type_position ON event_store.events (type, position);
CREATE INDEX events_category_position ON event_store.events ((left(stream, -36)), position);
`;

/** What the guards and the privileges look like. */
const GUARDS = `
  SELECT 'trigger ' || tgrelid::regclass || ' ' || tgname || ' ' || tgtype || ' ' || tgenabled::text AS line FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'event_store.%'
  UNION ALL SELECT 'table ' || c.relname || ' ' || array_to_string(array(SELECT privilege_type FROM aclexplode(c.relacl) ORDER BY 1), ' ') FROM pg_class c
    WHERE relnamespace = 'event_store'::regnamespace AND relkind = 'r'
  UNION ALL SELECT 'column ' || attrelid::regclass || ' ' || attname || ' ' || attnotnull || ' ' || coalesce(attacl::text, '') FROM pg_attribute
    WHERE attrelid IN ('event_store.events'::regclass, 'event_store.archived_segments'::regclass) AND attnum > 0
  ORDER BY 1`;

it('tables of an earlier version become those of today when their owner opens them, and can be archived; so can those of a new database', async () => {
  const log = await ArchivedLog.open(await createDatabase(), tempDir('archive'));
  const fresh = await createDatabase();
  const owner = `owner_${randomBytes(4).toString('hex')}`;
  const as = (url: string): string => Object.assign(new URL(url), { username: owner, password: 'secret' }).href;
  await withSession(log.database.url, (client) => client.query(`CREATE ROLE ${owner} LOGIN PASSWORD 'secret'`));
  for (const { url, name } of [log.database, fresh]) await withSession(url, (client) => client.query(`GRANT CREATE ON DATABASE ${name} TO ${owner}`));
  const guards = (url: string) => withSession(url, async (client) => (await client.query<{ line: string }>(GUARDS)).rows.map(({ line }) => line));
  try {
    await withSession(as(log.database.url), (client) => client.query(EARLIER_TABLES));
    const upgraded = await Promise.all([1, 2, 3].map(() => log.store({ url: as(log.database.url) })));
    const [store] = upgraded as [PostgresEventStore];
    await store.append([appendTo('thing-a', 'none', ...someEvents(20))]);
    const records = await allRecords(store);
    await (await PostgresEventStore.open({ url: as(fresh.url) })).close();
    const before = await guards(log.database.url);
    expect(before).toEqual(await guards(fresh.url));
    expect(before.filter((line) => line.startsWith('table'))).toEqual([
      'table archived_segments INSERT SELECT',
      'table events INSERT MAINTAIN SELECT',
      'table log_head SELECT UPDATE',
    ]);

    expect(await log.archive(15n, { url: as(log.database.url), limits: { maxEvents: 10 } })).toMatchObject({ end: 15n, segments: 2, vacuumed: true });
    expect(await log.state()).toEqual({ bodies: 5, archived: 15, size: 20 });
    expect(await allRecords(store)).toEqual(records);
    // What the owner granted to itself for the while is gone.
    expect(await guards(log.database.url)).toEqual(before);
  } finally {
    for (const { url } of [log.database, fresh]) await withSession(url, (client) => client.query(`DROP OWNED BY ${owner} CASCADE`));
    await withSession(fresh.url, (client) => client.query(`DROP ROLE ${owner}`)).finally(() => Promise.all([log.close(), fresh.drop()]));
  }
});
