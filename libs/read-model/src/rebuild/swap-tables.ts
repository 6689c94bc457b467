import type { ClientBase } from 'pg';
import type { TwoSchemas } from './compare-tables.js';

/** Runs inside the caller's transaction: readers see all old tables or all new ones. Indexes and constraints move along. */
export async function swapTables(client: ClientBase, { live, rebuilt, tables }: TwoSchemas): Promise<void> {
  for (const table of tables) {
    await client.query(`DROP TABLE "${live}"."${table}"`);
    await client.query(`ALTER TABLE "${rebuilt}"."${table}" SET SCHEMA "${live}"`);
  }
}
