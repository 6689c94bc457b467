import { invalidParameter } from './mlflow-error.js';

/** Opaque to clients, who hand back what they got. */
export function pageToken(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** What `pageToken` was given, as text; undefined without a token. */
export function placeOf(token: string | undefined, parts: number): readonly string[] | undefined {
  if (token === undefined || token === '') return undefined;
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (Array.isArray(place) && place.length === parts && place.every(isPart)) return place.map(String);
  } catch {
    // Told below like every other token that is not ours.
  }
  throw invalidParameter('Invalid page token: this list did not give it out.');
}

/** Only what a table can hold was ever given out. */
function isPart(part: unknown): boolean {
  return typeof part === 'number' || (typeof part === 'string' && !/\0|\p{Surrogate}/u.test(part));
}

/** A token that stands for a number of rows to skip. */
export function offsetOf(token: string | undefined): number {
  const [offset = '0'] = placeOf(token, 1) ?? [];
  if (!/^\d{1,9}$/.test(offset)) throw invalidParameter('Invalid page token: this list did not give it out.');
  return Number(offset);
}

/** `max_results` within its bounds. */
export function limitOf(asked: number | undefined, { fallback, max }: { readonly fallback: number; readonly max: number }): number {
  if (asked === undefined) return fallback;
  if (asked < 1 || asked > max) throw invalidParameter(`Invalid value ${asked} for parameter 'max_results' supplied: it must be at least 1 and at most ${max}.`);
  return asked;
}
