import { ObjectStoreError } from '@cairn/object-store';
import { TabularError } from '@cairn/tabular';

/** What DuckDB says of files and columns that do not fit. Memory and disk that ran out are none of these: they may do the next time. */
const LASTING = /^(Binder|Catalog|Conversion|Invalid Input|Parser) Error/;

/** Why measuring would fail again however often it is tried, for operators; undefined when the next time may go well. */
export function lastingReason(error: unknown): string | undefined {
  if (error instanceof ObjectStoreError) return error.code === 'NOT_FOUND' || error.code === 'DIGEST_MISMATCH' ? error.message : undefined;
  if (!(error instanceof TabularError)) return undefined;
  if (error.code === 'UNKNOWN_COLUMN' || error.code === 'RESULT_TOO_LARGE') return error.message;
  const words = error.code === 'QUERY_FAILED' && error.cause instanceof Error ? error.cause.message : '';
  const [said = ''] = words.split('\n');
  return LASTING.test(said) ? said : undefined;
}
