import type { EventFilter } from '../event-store.js';
import type { Statement } from './connection.js';

/**
 * A read by type and by prefix at once looks at so many positions at most: no index knows both, and a pair that never occurs together must not keep the
 * server busy for seconds.
 */
const WINDOW = 200_000;

/** A stream is `<category>-<uuid>`: what is before the last 36 characters, with the hyphen. Streams that are no longer than that share the category ''. */
export const CATEGORY = 'left(stream, -36)';

/** Null where the body is in the table: what compares a body from the archive needs nothing more of the database. */
export const ARCHIVED_LEAF = "CASE WHEN body IS NULL THEN encode(leaf, 'base64') END AS archived_leaf";

/**
 * Pairs are compared as a whole, so that the index of exactly this pair is the only one which can serve the comparison and the order: left to choose, the
 * planner walks the log by position until it has met enough of a type, which is for ever when the type is rare.
 */
function span(key: string, value: string): string {
  return `(${key}, position) >= (${value}, $1::bigint) AND (${key}, position) < (${value}, span.upto)`;
}

const BY_TYPE = `
      SELECT hit.position FROM unnest($3::text[]) AS wanted (type) CROSS JOIN LATERAL (
        SELECT position FROM event_store.events e WHERE ${span('e.type', 'wanted.type')} ORDER BY e.type, position LIMIT $2) hit`;
const BY_BOTH = `
      SELECT hit.position FROM unnest($3::text[]) AS wanted (type) CROSS JOIN LATERAL (
        SELECT position FROM event_store.events e WHERE ${span('e.type', 'wanted.type')} AND stream ^@ ANY ($4::text[])
        ORDER BY e.type, position LIMIT $2) hit`;

/**
 * By prefix: categories are few, and the index of (category, position) has each in the log's order. A category whose streams all begin with a prefix is read
 * as it is. A prefix that goes beyond a category is a few streams, which the index of (stream, revision) finds: names have no character above ~.
 */
const BY_PREFIX = `
      (SELECT hit.position FROM categories CROSS JOIN LATERAL (
        SELECT position FROM event_store.events e WHERE ${span(CATEGORY, 'categories.category')} ORDER BY ${CATEGORY}, position LIMIT $2) hit
       WHERE categories.category <> '' AND categories.category ^@ ANY ($4::text[]))
      UNION
      (SELECT hit.position FROM (
        SELECT position FROM event_store.events e WHERE ${span(CATEGORY, "''")} AND stream ^@ ANY ($4::text[]) ORDER BY ${CATEGORY}, position LIMIT $2) hit)
      UNION
      (SELECT hit.position FROM unnest($4::text[]) AS wanted (prefix) CROSS JOIN LATERAL (
        SELECT position FROM event_store.events e
        WHERE (stream, revision) >= (wanted.prefix, 0) AND (stream, revision) < (wanted.prefix || E'\\x7f', 0)
          AND position + 0 >= $1::bigint AND position + 0 < span.upto
        ORDER BY position + 0 LIMIT $2) hit
       WHERE EXISTS (SELECT FROM categories WHERE category <> '' AND wanted.prefix ^@ category AND wanted.prefix <> category))`;

/** One step through the index for each category, however many events it has. */
const CATEGORIES = `
  RECURSIVE categories (category) AS (
    (SELECT ${CATEGORY} FROM event_store.events ORDER BY 1 LIMIT 1)
    UNION ALL
    SELECT (SELECT ${CATEGORY} FROM event_store.events WHERE ${CATEGORY} > categories.category ORDER BY 1 LIMIT 1)
    FROM categories WHERE categories.category IS NOT NULL
  ),`;

/**
 * Parameters: from, limit, types or null, prefixes or null. Answers position, body, the leaf where the body is archived, and how far the search went; when nothing was
 * found, one row without position. The end of the search and the events come from one snapshot, so nothing below it can appear later.
 */
export function filteredRead(from: bigint, limit: number, { types, streamPrefixes }: EventFilter): Statement {
  const values = [from, limit, types ?? null, streamPrefixes ?? null];
  if (types === undefined) return { name: 'cairn_read_by_prefix', text: statement(BY_PREFIX, { with: CATEGORIES }), values };
  if (streamPrefixes === undefined) return { name: 'cairn_read_by_type', text: statement(BY_TYPE), values };
  return { name: 'cairn_read_by_both', text: statement(BY_BOTH, { window: WINDOW }), values };
}

/** Positions first, from indexes alone; bodies only of those that are answered, each looked up by its position. */
function statement(positions: string, options: { readonly with?: string; readonly window?: number } = {}): string {
  const upto = options.window === undefined ? 'size' : `least(size, $1::bigint + ${options.window})`;
  return `
  WITH ${options.with ?? ''}
  span AS (SELECT ${upto} AS upto, $3::text[] AS types, $4::text[] AS prefixes FROM event_store.log_head)
  SELECT found.position, found.body, found.archived_leaf, span.upto
  FROM span LEFT JOIN LATERAL (
    SELECT chosen.position, event.body, event.archived_leaf
    FROM (SELECT position FROM (${positions}) hits ORDER BY position LIMIT $2) chosen
    CROSS JOIN LATERAL (SELECT body, ${ARCHIVED_LEAF} FROM event_store.events e WHERE e.position = chosen.position LIMIT 1) event) found ON true
  ORDER BY found.position`;
}
