import type { Refusal } from '@cairn/kernel';
import type { Tag } from './commands.js';
import { refuse, type Code } from './errors.js';

/** Clients that know nothing but MLflow say by it which parameters nobody chose: autologging logs all of an estimator's. */
export const DEFAULTED_TAG = 'cairn.params.defaulted';

const MAX_LIBRARIES = 20;
const MAX_LIBRARY_LENGTH = 250;
const MAX_VERSION_LENGTH = 100;
const SHAPE = `{"library": "scikit-learn", "version": "1.9.1", "keys": ["C", "tol"]}, or a list of at most ${MAX_LIBRARIES} of them`;

export interface Supplier {
  readonly library: string;
  readonly libraryVersion: string;
}

type Defaulted = ReadonlyMap<string, Supplier>;

/** Who supplied which parameter, as the last of these tags says; undefined when none does. */
export function defaultedBy(tags: readonly Tag[]): Defaulted | Refusal<Code> | undefined {
  const value = tags.findLast(({ key }) => key === DEFAULTED_TAG)?.value;
  return value === undefined ? undefined : parse(value);
}

/** What was recorded; a tag of a time when nobody checked it says nothing. */
export function recordedDefaults(tags: ReadonlyMap<string, string>): Defaulted {
  const value = tags.get(DEFAULTED_TAG);
  const parsed = value === undefined ? undefined : parse(value);
  return parsed === undefined || 'refused' in parsed ? new Map() : parsed;
}

function parse(value: string): Defaulted | Refusal<Code> {
  const json = jsonOf(value);
  const list: readonly unknown[] = Array.isArray(json) ? json : [json];
  const defaulted = new Map<string, Supplier>();
  for (const entry of list) {
    if (!isEntry(entry) || list.length > MAX_LIBRARIES) return refuse('INVALID_DEFAULTED_TAG', `The tag '${DEFAULTED_TAG}' does not fit: it is JSON such as ${SHAPE}.`);
    for (const key of entry.keys) defaulted.set(key, { library: entry.library, libraryVersion: entry.version });
  }
  return defaulted;
}

function jsonOf(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function isEntry(entry: unknown): entry is { readonly library: string; readonly version: string; readonly keys: readonly string[] } {
  if (typeof entry !== 'object' || entry === null || !('library' in entry) || !('version' in entry) || !('keys' in entry)) return false;
  const { library, version, keys } = entry;
  return isName(library, MAX_LIBRARY_LENGTH) && isName(version, MAX_VERSION_LENGTH) && Array.isArray(keys) && keys.every((key) => typeof key === 'string');
}

/** NUL and half a surrogate pair, which JSON can hide in its escapes, have no place in a table. */
function isName(value: unknown, maxLength: number): boolean {
  return typeof value === 'string' && value !== '' && value.length <= maxLength && !/[\0\p{Surrogate}]/u.test(value);
}
