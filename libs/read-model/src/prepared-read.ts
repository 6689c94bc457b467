import type { Pool, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';
import type { EntityClass } from './projection.js';

export interface Prepared {
  /** One text for ever: a connection that knows the name does not look at the text again. */
  readonly name: string;
  readonly text: string;
}

/**
 * Rows of a statement that is parsed and planned once per connection, past TypeORM's query builder: for questions that every request asks. Columns come as the driver
 * gives them: `bigint` as text, `jsonb` parsed.
 */
export async function readRows<Row extends QueryResultRow>(dataSource: DataSource, { name, text }: Prepared, values: readonly unknown[]): Promise<Row[]> {
  const { rows } = await poolOf(dataSource).query<Row>({ name, text, values: [...values] });
  return rows;
}

/**
 * An expression for rows of an entity's table as one list in JSON, under the names of its properties: many rows of several tables come in one answer, and parsing JSON is
 * much cheaper than parsing rows. `bigint` is text, as with the driver; a double that is no number, or infinite, is text too, which `Number` reads.
 */
export function rowsAsJson(dataSource: DataSource, entity: EntityClass, where: string, order: string): string {
  const { columns, tableName } = dataSource.getMetadata(entity);
  const selected = columns.map(({ databaseName, propertyName, type }) => `"${tableName}"."${databaseName}"${type === 'bigint' ? '::text' : ''} AS "${propertyName}"`);
  return `(SELECT coalesce(json_agg(listed), '[]') FROM (SELECT ${selected.join(', ')} FROM "${tableName}" WHERE ${where} ORDER BY ${order}) AS listed)`;
}

/** The pool that TypeORM itself asks. */
function poolOf({ driver }: DataSource): Pool {
  if ('master' in driver && typeof driver.master === 'object' && driver.master !== null && 'query' in driver.master) return driver.master as Pool;
  throw new TypeError('a read model lies in PostgreSQL');
}
