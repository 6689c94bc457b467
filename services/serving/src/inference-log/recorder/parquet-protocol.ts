import type { SegmentRows } from './segment-buffer.js';

/** Late truths, column by column. */
export interface LabelRows {
  readonly predictionIds: readonly string[];
  readonly labels: Float64Array<ArrayBuffer>;
  readonly knownTimesMs: Float64Array<ArrayBuffer>;
}

/** To the thread that writes Parquet files. `seq` comes back with the answer. */
export type ParquetRequest =
  | { readonly seq: number; readonly kind: 'segment'; readonly path: string; readonly rows: SegmentRows }
  | { readonly seq: number; readonly kind: 'labels'; readonly path: string; readonly rows: LabelRows };

export type ParquetAnswer = { readonly seq: number; readonly sizeBytes: number } | { readonly seq: number; readonly message: string };
