import type { ClientBase } from 'pg';
import type { TwoSchemas } from './compare-tables.js';
import { partitionsOf, type PartitionedTable } from './partitions.js';

/** Runs inside the caller's transaction: readers see all old tables or all new ones. Indexes, constraints and partitions move along. */
export async function swapTables(client: ClientBase, { live, rebuilt, tables }: TwoSchemas): Promise<void> {
  const ask = (sql: string, parameters: string[]) => client.query<PartitionedTable>(sql, parameters).then(({ rows }) => rows);
  for (const table of tables) {
    await client.query(`DROP TABLE "${live}"."${table}"`);
    for (const { name } of await partitionsOf(ask, rebuilt, table)) await client.query(`ALTER TABLE "${rebuilt}"."${name}" SET SCHEMA "${live}"`);
  }
}
