import type { JsonObject } from '@cairn/kernel';
import type { Tabular } from '../tabular.js';

/** Writes rows as Parquet and answers the path; `columns` gives the SQL type of each column. */
export async function writeTable(tabular: Tabular, columns: Readonly<Record<string, string>>, rows: readonly JsonObject[]): Promise<string> {
  const written = await tabular.copyToParquet('SELECT unnest(from_json($rows::VARCHAR, $shape::VARCHAR), recursive := true)', {
    rows: JSON.stringify(rows),
    shape: JSON.stringify([columns]),
  });
  return written.path;
}
