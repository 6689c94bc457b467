import type { ClientBase } from 'pg';
import type { EntityManager, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { Prepared } from './prepared-read.js';
import type { EntityClass } from './projection.js';

interface Upsert extends Prepared {
  readonly columns: readonly ColumnMetadata[];
  readonly keys: readonly ColumnMetadata[];
}

const upserts = new WeakMap<EntityMetadata, Upsert>();

/**
 * Writes whole rows in one prepared statement, however many there are: each column is one array, so the statement is planned once per connection. A row
 * that is there under the same primary key is replaced; of several rows with the same key the last one counts.
 */
export async function upsertRows<Row extends object>(manager: EntityManager, entity: EntityClass & (new () => Row), rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const metadata = manager.connection.getMetadata(entity);
  const { text, name, columns, keys } = upserts.get(metadata) ?? prepare(metadata);
  const last = new Map(rows.map((row) => [JSON.stringify(keys.map((column) => plain(column, row))), row]));
  const values = columns.map((column) => [...last.values()].map((row) => plain(column, row)));
  await writeRows(manager, { name, text }, values);
}

/** A statement of a projection's own in the transaction of its batch, parsed and planned once per connection. */
export async function writeRows(manager: EntityManager, { name, text }: Prepared, values: readonly unknown[]): Promise<void> {
  if (manager.queryRunner === undefined) throw new TypeError('rows are written in the transaction of a batch');
  const client = (await manager.queryRunner.connect()) as ClientBase;
  await client.query({ name, text, values: [...values] });
}

function prepare(metadata: EntityMetadata): Upsert {
  const columns = metadata.columns;
  const keys = metadata.primaryColumns;
  const quoted = (list: readonly ColumnMetadata[]): string => list.map(({ databaseName }) => `"${databaseName}"`).join(', ');
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${typeName(type)}[]`).join(', ');
  const others = columns.filter((column) => !column.isPrimary).map(({ databaseName }) => `"${databaseName}" = excluded."${databaseName}"`);
  const conflict = others.length === 0 ? 'NOTHING' : `UPDATE SET ${others.join(', ')}`;
  const upsert: Upsert = {
    // The table's name alone: the connection's search path says whether the rows go into the live tables or into those beside them.
    text: `INSERT INTO "${metadata.tableName}" (${quoted(columns)}) SELECT * FROM unnest(${arrays}) ON CONFLICT (${quoted(keys)}) DO ${conflict}`,
    name: `cairn_upsert_${metadata.tableName}`,
    columns,
    keys,
  };
  upserts.set(metadata, upsert);
  return upsert;
}

/** Names of PostgreSQL's types; an entity that asks for anything else is a defect of the entity. */
function typeName(type: ColumnMetadata['type']): string {
  if (typeof type !== 'string') throw new TypeError('a column of a read model names its PostgreSQL type');
  return type;
}

/** A value as the driver can put it into an array: objects of a JSON column as their text. */
function plain(column: ColumnMetadata, row: object): unknown {
  const value: unknown = column.getEntityValue(row) ?? null;
  return value !== null && (column.type === 'jsonb' || column.type === 'json') ? JSON.stringify(value) : value;
}
