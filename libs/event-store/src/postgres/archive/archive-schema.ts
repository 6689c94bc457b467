/**
 * What an archive needs of the tables, and what keeps them safe from it. Run once, for new tables and for those of an earlier version.
 *
 * - `archived_segments` says where the bodies of archived events lie: ranges that follow one another from 0 on, so that a position is covered when it is below the last end.
 *   The trigger demands it also where foreign keys are switched off (a replication role); two who record at once meet the primary key.
 * - The body of an event may go from text to NULL where a segment covers it. Nothing else of an event changes, ever, and nothing comes back.
 * - Nobody, not even the owner, is granted UPDATE; whoever archives as the owner grants it to itself inside the transaction that takes bodies out, for this column.
 * - Triggers are made by whom the privilege TRIGGER is granted; the owner has it only for as long as this takes. From PostgreSQL 17 on an owner who has taken everything
 *   from itself may not vacuum either: MAINTAIN gives that back.
 */
export const ARCHIVE_TABLES = `
GRANT TRIGGER ON event_store.events TO CURRENT_USER;
ALTER TABLE event_store.events ALTER COLUMN body DROP NOT NULL;

CREATE TABLE event_store.archived_segments (
  first_position bigint PRIMARY KEY CHECK (first_position >= 0),
  end_position bigint NOT NULL,
  digest text COLLATE "C" NOT NULL CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  object_bytes integer NOT NULL CHECK (object_bytes > 0),
  text_bytes integer NOT NULL CHECK (text_bytes > 0),
  archived_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT segment_is_not_empty CHECK (end_position > first_position)
);

CREATE FUNCTION event_store.demand_next_segment() RETURNS trigger LANGUAGE plpgsql AS $next$
BEGIN
  IF NEW.first_position <> coalesce((SELECT end_position FROM event_store.archived_segments ORDER BY first_position DESC LIMIT 1), 0)
    OR NEW.end_position > (SELECT size FROM event_store.log_head) THEN
    RAISE EXCEPTION 'archived segments follow one another within the log: % to % is refused', NEW.first_position, NEW.end_position USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $next$;

CREATE FUNCTION event_store.demand_archived() RETURNS trigger LANGUAGE plpgsql AS $archived$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.body IS NULL OR NEW.body IS NOT NULL THEN
      RAISE EXCEPTION 'events is append-only: UPDATE is refused' USING ERRCODE = 'restrict_violation';
    END IF;
    OLD.body := NULL;
    IF NEW *<> OLD THEN
      RAISE EXCEPTION 'events is append-only: UPDATE is refused' USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  IF NEW.position >= coalesce((SELECT end_position FROM event_store.archived_segments ORDER BY first_position DESC LIMIT 1), 0) THEN
    RAISE EXCEPTION 'no archived segment covers position %: an event without its body is refused', NEW.position USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $archived$;

CREATE OR REPLACE TRIGGER events_are_for_ever BEFORE DELETE OR TRUNCATE ON event_store.events
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.refuse_change();
ALTER TABLE event_store.events ENABLE ALWAYS TRIGGER events_are_for_ever;
CREATE TRIGGER events_lose_archived_bodies_only BEFORE UPDATE ON event_store.events
  FOR EACH ROW EXECUTE FUNCTION event_store.demand_archived();
ALTER TABLE event_store.events ENABLE ALWAYS TRIGGER events_lose_archived_bodies_only;
CREATE TRIGGER events_come_with_bodies BEFORE INSERT ON event_store.events
  FOR EACH ROW WHEN (NEW.body IS NULL) EXECUTE FUNCTION event_store.demand_archived();
ALTER TABLE event_store.events ENABLE ALWAYS TRIGGER events_come_with_bodies;
CREATE TRIGGER segments_are_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON event_store.archived_segments
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.refuse_change();
ALTER TABLE event_store.archived_segments ENABLE ALWAYS TRIGGER segments_are_for_ever;
CREATE TRIGGER segments_follow_one_another BEFORE INSERT ON event_store.archived_segments
  FOR EACH ROW EXECUTE FUNCTION event_store.demand_next_segment();
ALTER TABLE event_store.archived_segments ENABLE ALWAYS TRIGGER segments_follow_one_another;

REVOKE TRIGGER ON event_store.events FROM CURRENT_USER;
REVOKE ALL ON event_store.archived_segments FROM PUBLIC, CURRENT_USER;
GRANT SELECT, INSERT ON event_store.archived_segments TO CURRENT_USER;
DO $maintain$
BEGIN
  IF current_setting('server_version_num')::integer >= 170000 THEN
    EXECUTE 'GRANT MAINTAIN ON event_store.events TO CURRENT_USER';
  END IF;
END $maintain$;
`;
