import type { ClientBase } from 'pg';

export interface TableShape {
  readonly table: string;
  /** All of them, in the order of their names. */
  readonly columns: readonly string[];
  /** Columns of the primary key, in its order; all columns where a table has none. */
  readonly key: readonly string[];
}

/** By name, so that columns which a later migration added in another order still meet. Throws TypeError for a table that is not there. */
export async function readShape(client: ClientBase, schema: string, table: string): Promise<TableShape> {
  const { rows } = await client.query<{ name: string; key_place: number | null }>(
    `SELECT attribute.attname AS name, array_position(index.indkey::int2[], attribute.attnum) AS key_place
     FROM pg_attribute attribute
     JOIN pg_class class ON class.oid = attribute.attrelid
     JOIN pg_namespace namespace ON namespace.oid = class.relnamespace
     LEFT JOIN pg_index index ON index.indrelid = class.oid AND index.indisprimary
     WHERE namespace.nspname = $1 AND class.relname = $2 AND attribute.attnum > 0 AND NOT attribute.attisdropped
     ORDER BY attribute.attname COLLATE "C"`,
    [schema, table],
  );
  if (rows.length === 0) throw new TypeError(`no migration makes the table ${table}`);
  const columns = rows.map(({ name }) => name);
  const key = rows.filter(({ key_place }) => key_place !== null).sort((a, b) => (a.key_place ?? 0) - (b.key_place ?? 0));
  return { table, columns, key: key.length === 0 ? columns : key.map(({ name }) => name) };
}

/** One form per value, whatever a role, a database or a client has set. Holds for the transaction. */
export const ONE_FORM_PER_VALUE = `
  SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL bytea_output = 'hex';
  SET LOCAL extra_float_digits = 1`;

/** The same order everywhere: by the key's text forms, byte by byte. */
export function byKey(key: readonly string[], alias: string): string {
  return key.map((column) => `${alias}."${column}"::text COLLATE "C"`).join(', ');
}
