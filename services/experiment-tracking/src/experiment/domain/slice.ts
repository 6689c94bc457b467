const MARK = '/slice/';

/**
 * The name under which the metric of a part of the data is logged, e.g. `auc/slice/JFK`. Every MLflow client takes such a key: brackets and `=` are refused by all of
 * them, and `:` by those on Windows.
 */
export function sliceKey(metric: string, slice: string): string {
  return slice === '' || metric === '' ? metric : `${metric}${MARK}${slice}`;
}

/** The metric without its slice, as it was declared. */
export function withoutSlice(key: string, slice: string): string {
  const suffix = `${MARK}${slice}`;
  return slice !== '' && key.endsWith(suffix) ? key.slice(0, -suffix.length) : key;
}

export function isOfSlice(key: string, slice: string): boolean {
  return slice === '' || (key.length > MARK.length + slice.length && key.endsWith(`${MARK}${slice}`));
}
