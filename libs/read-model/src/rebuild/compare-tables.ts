import type { ClientBase } from 'pg';

export interface TableComparison {
  readonly table: string;
  readonly rowsLive: number;
  readonly rowsRebuilt: number;
  /** Rows that only one side has; a changed row counts on both. */
  readonly differing: number;
}

export interface TwoSchemas {
  readonly live: string;
  readonly rebuilt: string;
  readonly tables: readonly string[];
}

/** Row by row, every column, duplicates counted. */
export async function compareTables(client: ClientBase, { live, rebuilt, tables }: TwoSchemas): Promise<TableComparison[]> {
  const comparisons: TableComparison[] = [];
  for (const table of tables) {
    const columns = await columnList(client, rebuilt, table);
    const of = (schema: string): string => `SELECT ${columns} FROM "${schema}"."${table}"`;
    const { rows } = await client.query<{ live: string; rebuilt: string; differing: string }>(
      `SELECT (SELECT count(*) FROM "${live}"."${table}") AS live,
              (SELECT count(*) FROM "${rebuilt}"."${table}") AS rebuilt,
              (SELECT count(*) FROM ((${of(live)} EXCEPT ALL ${of(rebuilt)}) UNION ALL (${of(rebuilt)} EXCEPT ALL ${of(live)})) AS one_sided) AS differing`,
    );
    comparisons.push({
      table,
      rowsLive: Number(rows[0]?.live),
      rowsRebuilt: Number(rows[0]?.rebuilt),
      differing: Number(rows[0]?.differing),
    });
  }
  return comparisons;
}

/** By name, so that columns which a later migration added in another order still meet. `json` has no equality, its text has. */
async function columnList(client: ClientBase, schema: string, table: string): Promise<string> {
  const { rows } = await client.query<{ column_name: string; data_type: string }>(
    'SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY column_name',
    [schema, table],
  );
  if (rows.length === 0) throw new TypeError(`no migration makes the table ${table}`);
  return rows.map(({ column_name, data_type }) => (data_type === 'json' ? `"${column_name}"::text` : `"${column_name}"`)).join(', ');
}
