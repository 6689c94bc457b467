import type { ClientBase } from 'pg';
import type { Pace } from '../rebuild/pace.js';
import { readShape, type TableShape } from './table-shape.js';

/** Values as PostgreSQL writes them. */
type Text = string | null;

export interface ColumnDifference {
  readonly column: string;
  readonly live: Text;
  readonly replayed: Text;
}

export interface RowDifference {
  /** Column of the primary key → value. */
  readonly key: Readonly<Record<string, Text>>;
  /**
   * changed     both have the row, and `columns` differ.
   * missing     the log makes the row, the live table lacks it.
   * unexpected  the live table has a row that the log does not make.
   */
  readonly kind: 'changed' | 'missing' | 'unexpected';
  readonly columns: readonly ColumnDifference[];
  /** Transaction of the replay that wrote the row last; absent for a row that the log does not make. */
  readonly writtenBy?: string;
}

export interface TableDifferences {
  readonly table: string;
  readonly rowsLive: number;
  readonly differing: number;
  /** The first ones, in the order of their keys. */
  readonly differences: readonly RowDifference[];
}

export interface ComparedSchemas {
  readonly live: string;
  readonly replayed: string;
}

/** More differences of one table are counted, but not listed. */
export const LISTED_DIFFERENCES = 100;

/** Row by row by primary key, every column, in one snapshot: the caller has begun it, with `ONE_FORM_PER_VALUE`. Rows pass by in slices of `pace`. */
export async function compareRows(client: ClientBase, { live, replayed }: ComparedSchemas, tables: readonly string[], pace: Pace): Promise<TableDifferences[]> {
  const compared: TableDifferences[] = [];
  for (const table of tables) {
    const shape = await readShape(client, replayed, table);
    const found = joined(shape, `"${live}"."${table}"`, `"${replayed}"."${table}"`);
    const { rowsLive, differing } = await counted(client, shape, found, pace);
    compared.push({ table, rowsLive, differing, differences: differing === 0 ? [] : await listed(client, shape, found) });
  }
  return compared;
}

interface Joined {
  readonly join: string;
  /** Whether a row of it is not the same on both sides. */
  readonly differs: string;
}

interface JoinedRow {
  readonly live: Text[];
  readonly replayed: Text[];
  readonly is_live: boolean;
  readonly is_replayed: boolean;
  readonly written_by: Text;
}

/** A cursor, so that neither side works longer at once than a slice should take. */
async function counted(client: ClientBase, { key }: TableShape, { join, differs }: Joined, pace: Pace): Promise<{ rowsLive: number; differing: number }> {
  await client.query(`DECLARE compared NO SCROLL CURSOR FOR SELECT ${isThere(key, 'live')}, ${differs} FROM ${join}`);
  let [rowsLive, differing] = [0, 0];
  for (let isMore = true; isMore; ) {
    const { size } = pace;
    const rows = await pace.slice(size, async () => (await client.query<[boolean, boolean]>({ text: `FETCH ${size} FROM compared`, rowMode: 'array' })).rows);
    for (const [isLive, isOther] of rows) {
      if (isLive) rowsLive += 1;
      if (isOther) differing += 1;
    }
    isMore = rows.length === size;
  }
  await client.query('CLOSE compared');
  return { rowsLive, differing };
}

async function listed(client: ClientBase, { columns, key }: TableShape, { join, differs }: Joined): Promise<RowDifference[]> {
  const texts = (side: string): string => `ARRAY[${columns.map((column) => `${side}."${column}"::text`).join(', ')}]`;
  const { rows } = await client.query<JoinedRow>(
    `SELECT ${texts('live')} AS live, ${texts('replayed')} AS replayed, ${isThere(key, 'live')} AS is_live, ${isThere(key, 'replayed')} AS is_replayed,
       replayed.xmin::text AS written_by
     FROM ${join} WHERE ${differs}
     ORDER BY ${byCoalescedKey(key)} LIMIT ${LISTED_DIFFERENCES}`,
  );
  return rows.map((row): RowDifference => {
    const kind = !row.is_live ? 'missing' : !row.is_replayed ? 'unexpected' : 'changed';
    const values = row.is_replayed ? row.replayed : row.live;
    const differing = columns.flatMap((column, at): ColumnDifference[] => {
      const [live, replayed] = [row.live[at] ?? null, row.replayed[at] ?? null];
      return live === replayed || kind !== 'changed' ? [] : [{ column, live, replayed }];
    });
    return {
      key: Object.fromEntries(key.map((column) => [column, values[columns.indexOf(column)] ?? null])),
      kind,
      columns: differing,
      ...(row.written_by !== null && { writtenBy: row.written_by }),
    };
  });
}

/** Texts are compared, since not every type has an equality (`json`), and since the text is what the digest is made of. */
function joined({ columns, key }: TableShape, live: string, replayed: string): Joined {
  const sameKey = key.map((column) => `live."${column}" = replayed."${column}"`).join(' AND ');
  const differs = columns.map((column) => `live."${column}"::text IS DISTINCT FROM replayed."${column}"::text`).join(' OR ');
  return { join: `${live} AS live FULL JOIN ${replayed} AS replayed ON ${sameKey}`, differs: `(${differs})` };
}

/** A column of a primary key is never null. */
function isThere(key: readonly string[], side: string): string {
  return `${side}."${key[0]}" IS NOT NULL`;
}

function byCoalescedKey(key: readonly string[]): string {
  return key.map((column) => `coalesce(replayed."${column}"::text, live."${column}"::text) COLLATE "C"`).join(', ');
}

/** Transaction of a replay that wrote a row last; undefined for a row that is not there. */
export async function writtenBy(client: ClientBase, schema: string, table: string, key: RowDifference['key']): Promise<string | undefined> {
  const columns = Object.keys(key);
  const { rows } = await client.query<{ transaction: string }>(
    `SELECT xmin::text AS transaction FROM "${schema}"."${table}" AS r WHERE ${columns.map((column, at) => `r."${column}"::text = $${at + 1}`).join(' AND ')}`,
    columns.map((column) => key[column]),
  );
  return rows[0]?.transaction;
}
