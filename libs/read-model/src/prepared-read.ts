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

/** The columns of an entity's table under the names of its properties: what `SELECT` gives with them are rows of the entity. */
export function columnsOf(dataSource: DataSource, entity: EntityClass): string {
  const { columns, tableName } = dataSource.getMetadata(entity);
  return columns.map(({ databaseName, propertyName }) => `"${tableName}"."${databaseName}" AS "${propertyName}"`).join(', ');
}

/** The pool that TypeORM itself asks. */
function poolOf({ driver }: DataSource): Pool {
  if ('master' in driver && typeof driver.master === 'object' && driver.master !== null && 'query' in driver.master) return driver.master as Pool;
  throw new TypeError('a read model lies in PostgreSQL');
}
