import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Pace } from '../rebuild/pace.js';
import { byKey, readShape } from './table-shape.js';

export interface TableDigest {
  readonly table: string;
  readonly rows: number;
  /**
   * SHA-256, hex, over the rows in the order of the primary key's text forms (bytes of UTF-8, column by column). A row is its RFC 8785 canonical JSON, an
   * object of column name to the value's text form in PostgreSQL (time zone UTC, ISO dates, hex bytes) or null, and a line feed. Of a table without
   * rows it is the hash of nothing.
   */
  readonly digest: string;
}

/**
 * Digests of the tables of one schema. The caller has begun a transaction with `ONE_FORM_PER_VALUE`, and with one snapshot where the tables may change
 * meanwhile. Only the rows of one slice of `pace` are in memory.
 */
export async function digestTables(client: ClientBase, schema: string, tables: readonly string[], pace: Pace): Promise<TableDigest[]> {
  const digests: TableDigest[] = [];
  for (const table of [...tables].sort()) digests.push(await digestTable(client, schema, table, pace));
  return digests;
}

async function digestTable(client: ClientBase, schema: string, table: string, pace: Pace): Promise<TableDigest> {
  const { columns, key } = await readShape(client, schema, table);
  const names = columns.map((column) => JSON.stringify(column));
  const values = columns.map((column) => `"${column}"::text`).join(', ');
  await client.query(`DECLARE digested NO SCROLL CURSOR FOR SELECT ${values} FROM "${schema}"."${table}" AS r ORDER BY ${byKey(key, 'r')}`);
  const hash = createHash('sha256');
  let count = 0;
  for (let isMore = true; isMore; ) {
    const { size } = pace;
    const fetched = await pace.slice(size, async () => {
      const { rows } = await client.query<(string | null)[]>({ text: `FETCH ${size} FROM digested`, rowMode: 'array' });
      for (const row of rows) hash.update(`{${row.map((value, at) => `${names[at]}:${JSON.stringify(value)}`).join(',')}}\n`);
      return rows.length;
    });
    count += fetched;
    isMore = fetched === size;
  }
  await client.query('CLOSE digested');
  return { table, rows: count, digest: hash.digest('hex') };
}
