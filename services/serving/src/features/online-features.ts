/** `OnlineFeatures`. */
export const ONLINE_FEATURES = Symbol('serving.OnlineFeatures');

/**
 * UNAVAILABLE it does not answer, or not in time: later.
 * REFUSED     it does not take the question, and will not take it later either.
 */
export type OnlineFeaturesErrorCode = 'UNAVAILABLE' | 'REFUSED';

/** The message is public. */
export class OnlineFeaturesError extends Error {
  override readonly name = 'OnlineFeaturesError';

  constructor(
    readonly code: OnlineFeaturesErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface OnlineQuestion {
  readonly workspace: string;
  readonly service: string;
  readonly version: number;
  /** Names of what is expected in the answer. */
  readonly columns: readonly string[];
  /** Keys by entity, one for each row. */
  readonly entities: ReadonlyMap<string, readonly string[]>;
  readonly rows: number;
}

/** One entry per row of the question. */
export interface OnlineColumn {
  readonly values: readonly (number | null)[];
  /** `PRESENT`, `NOT_FOUND` or `OUTSIDE_MAX_AGE`, as Feast has them; the value is null unless it is present. */
  readonly statuses: readonly string[];
  /** RFC 3339: the moment as of which the value holds. */
  readonly times: readonly string[];
}

/**
 * Values of features as they are online now. Asking changes nothing, so a question may be asked twice. Everything is answered or the question fails, within a
 * deadline of the adapter's own. Throws OnlineFeaturesError alone.
 */
export interface OnlineFeatures {
  /** Every column of the question, by name. */
  lookUp(question: OnlineQuestion): Promise<ReadonlyMap<string, OnlineColumn>>;
}
