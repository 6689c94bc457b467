export type JsonRecord = Readonly<Record<string, unknown>>;

/** An object of JSON that came from elsewhere. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
