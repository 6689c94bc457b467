import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { ProjectionSet } from './projection-set.js';

/** Which facts go into which shape of tables. Rows that were made under another definition may lack what the log said before. */
export function definitionOf(projections: ProjectionSet, dataSource: DataSource): string {
  return JSON.stringify({ projections: projections.description, migrations: dataSource.migrations.map(({ name }) => name) });
}

/**
 * Calls `rebuild` when the rows were made under another definition, and notes the new one. Processes that start together take turns, so one of
 * them rebuilds.
 */
export async function adoptDefinition(client: ClientBase, schema: string, definition: string, rebuild: () => Promise<void>): Promise<void> {
  const lockName = `cairn:define:${schema}`;
  await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [lockName]);
  try {
    const { rows } = await client.query<{ definition: string; position: string }>('SELECT definition, position FROM projection_checkpoint');
    if (rows[0]?.definition === definition) return;
    if (rows[0]?.position !== '0') await rebuild();
    await client.query('UPDATE projection_checkpoint SET definition = $1', [definition]);
  } finally {
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [lockName]);
  }
}
