/** The rows that are predicted: one file, its rows filtered by their moment of prediction. */
export interface PredictedRows {
  readonly path: string;
  /** SQL expression over the row: when the prediction is made. Rows without one are left out. */
  readonly predictionTime: string;
  /** RFC 3339; rows whose moment lies in [from, to). */
  readonly from?: string;
  readonly to?: string;
  /** Takes about one row in n, by a hash of the row number: the same rows every time. 1 takes all. */
  readonly sampleEvery?: number;
}

/** Rows that window features aggregate: what is known about an entity, and since when. */
export interface WindowSource {
  /** Files of the same columns; a row that is in two of them counts twice. */
  readonly paths: readonly string[];
  /** Columns that name the entity; none means that all rows are about the same. */
  readonly keyColumns: readonly string[];
  /** SQL expression over a row of the source: when it became known. A row without one was never known. */
  readonly knownTime: string;
}

export type Aggregation = 'avg' | 'count' | 'sum';

/**
 * Aggregate of `expression` over the source's rows of the entity that became known in [t − window, t), t being the moment of prediction.
 * Values are taken as decimals with six places, so that sums are exact and no order of summation shows.
 */
export interface WindowFeature {
  readonly kind: 'window';
  readonly column: string;
  /** Name of a source. */
  readonly source: string;
  /** Columns of the predicted row that match the source's key columns, in their order. */
  readonly joinColumns: readonly string[];
  readonly expression: string;
  readonly aggregation: Aggregation;
  readonly windowSeconds: number;
  /** Where no row of the entity with a value is in the window. */
  readonly defaultValue: number;
}

/** Taken from the predicted row itself. */
export interface RowFeature {
  readonly kind: 'row';
  readonly column: string;
  readonly expression: string;
  /** Where the expression gives no value. */
  readonly defaultValue: number;
}

/** Goes along unchanged, e.g. a label. */
export interface CarriedColumn {
  readonly column: string;
  readonly expression: string;
  /** Leaves out rows where it is missing. */
  readonly required?: boolean;
}

/**
 * What comes out: the features in order as DOUBLE, the carried columns, `prediction_time` (TIMESTAMP, UTC) and `source_row` (BIGINT, from 0), one
 * row per predicted row, sorted by `source_row`. Two runs over the same files give the same bytes.
 */
export interface PointInTimeJoinSpec {
  readonly rows: PredictedRows;
  readonly sources: Readonly<Record<string, WindowSource>>;
  readonly features: readonly (WindowFeature | RowFeature)[];
  readonly carry?: readonly CarriedColumn[];
}
