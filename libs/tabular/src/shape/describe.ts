import type { Workbench } from '../engine/workbench.js';

export interface Column {
  readonly name: string;
  /** SQL type, e.g. `BIGINT`, `TIMESTAMP`, `VARCHAR`. */
  readonly type: string;
}

export interface TableShape {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

const MAX_COLUMNS = 5_000;

/** Columns in order, and the number of rows, both from the files' footers. */
export async function describeTable(bench: Workbench, paths: readonly string[], signal?: AbortSignal): Promise<TableShape> {
  const sql = `SELECT column_name, column_type, (SELECT count(*) FROM rows) AS row_count FROM (DESCRIBE SELECT * FROM rows)`;
  const rows = await bench.run({ rows: { paths } }, [{ sql }], { maxRows: MAX_COLUMNS, maxBytes: 4_000_000, ...(signal !== undefined && { signal }) });
  return {
    rowCount: Number(rows[0]?.['row_count'] ?? 0),
    columns: rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) })),
  };
}
