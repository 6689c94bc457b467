import { parquetRead } from 'hyparquet';

/** A training set in memory: `rows` × `columns.length` values, row by row, and one label (0 or 1) per row. */
export interface Dataset {
  readonly columns: readonly string[];
  readonly rows: number;
  readonly features: Float32Array;
  readonly labels: Float32Array;
}

/** Columns of a training set that are not features. */
const NOT_FEATURES = new Set(['label', 'prediction_time', 'source_row']);

/** Reads the Parquet file of a training set, as the feature store hands it out. */
export async function readDataset(parquet: ArrayBuffer): Promise<Dataset> {
  const byColumn = new Map<string, number[]>();
  await parquetRead({
    file: parquet,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const values = byColumn.get(columnName) ?? [];
      byColumn.set(columnName, values);
      for (let index = 0; index < columnData.length; index += 1) values[rowStart + index] = Number(columnData[index]);
    },
  });
  const columns = [...byColumn.keys()].filter((name) => !NOT_FEATURES.has(name));
  const labels = Float32Array.from(byColumn.get('label') ?? []);
  const features = new Float32Array(labels.length * columns.length);
  columns.forEach((column, at) => {
    const values = byColumn.get(column) ?? [];
    for (let row = 0; row < labels.length; row += 1) features[row * columns.length + at] = values[row] ?? 0;
  });
  return { columns, rows: labels.length, features, labels };
}

export function columnOf({ columns, rows, features }: Dataset, at: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => features[row * columns.length + at] ?? 0);
}

export interface Scaling {
  readonly means: Float32Array;
  readonly deviations: Float32Array;
}

/** Mean and standard deviation per column; a column that never changes keeps its unit. */
export function scalingOf(dataset: Dataset): Scaling {
  const means = new Float32Array(dataset.columns.length);
  const deviations = new Float32Array(dataset.columns.length);
  dataset.columns.forEach((_, at) => {
    const values = columnOf(dataset, at);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    means[at] = mean;
    deviations[at] = variance > 0 ? Math.sqrt(variance) : 1;
  });
  return { means, deviations };
}

/** The same rows, each column brought to mean 0 and deviation 1 of `scaling`. */
export function scaled({ columns, rows, features }: Dataset, { means, deviations }: Scaling): Float32Array {
  const width = columns.length;
  return Float32Array.from({ length: rows * width }, (_, index) => {
    const column = index % width;
    return ((features[index] ?? 0) - (means[column] ?? 0)) / (deviations[column] ?? 1);
  });
}
