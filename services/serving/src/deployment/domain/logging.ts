/** What is kept of a deployment's predictions. */
export interface Logging {
  /** Share of requests whose rows are kept, in [0, 1]. */
  readonly sampleRate: number;
  /** Features whose values are never written anywhere. */
  readonly redactedColumns: readonly string[];
  /** After which segments are shown to nobody any more; 0: never. */
  readonly retentionDays: number;
}

export const MAX_REDACTED = 1_000;
/** Of a column's name. */
export const MAX_COLUMN_LENGTH = 500;
/** A century. */
export const MAX_RETENTION_DAYS = 36_525;

export const DEFAULT_LOGGING: Logging = { sampleRate: 1, redactedColumns: [], retentionDays: 0 };

/** Why it can't be; undefined when it can. */
export function loggingProblem({ sampleRate, redactedColumns, retentionDays }: Logging): string | undefined {
  if (!(sampleRate >= 0 && sampleRate <= 1)) return 'sample_rate must lie between 0 and 1.';
  if (!Number.isInteger(retentionDays) || retentionDays < 0 || retentionDays > MAX_RETENTION_DAYS) return `retention_days must lie between 0 (for ever) and ${MAX_RETENTION_DAYS}.`;
  if (redactedColumns.length > MAX_REDACTED) return `redacted_columns may hold ${MAX_REDACTED} names.`;
  if (redactedColumns.some((name) => name === '' || name.length > MAX_COLUMN_LENGTH)) return `A name in redacted_columns has 1 to ${MAX_COLUMN_LENGTH} characters.`;
  return new Set(redactedColumns).size === redactedColumns.length ? undefined : 'redacted_columns names a column twice.';
}

export function isSameLogging(one: Logging, other: Logging): boolean {
  return one.sampleRate === other.sampleRate && one.retentionDays === other.retentionDays && JSON.stringify(one.redactedColumns) === JSON.stringify(other.redactedColumns);
}
