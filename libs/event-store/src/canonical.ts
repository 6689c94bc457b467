import type { JsonValue } from '@cairn/kernel';
import { EventStoreError } from './errors.js';

/** Deeper data is refused before the recursion could exhaust the stack. */
const MAX_DEPTH = 128;
/** Field names come from definitions and are few; names that data brings along must not fill the memory. */
const REMEMBERED_KEYS = 4_096;

/** A `\ud8xx` … `\udfff` escape whose backslash isn't itself escaped: that is how JSON.stringify writes a lone surrogate. */
const LONE_SURROGATE = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/;

const quotedKeys = new Map<string, string>();

/**
 * RFC 8785 canonical JSON. Throws INVALID_EVENT for what has no such form (NaN, infinities, lone surrogates) and for what isn't JSON.
 *
 * The engine's JSON.stringify writes numbers and strings as RFC 8785 wants them, but orders integer-like keys by value and must not be given `__proto__`
 * to copy; so objects are put together here, key by key in UTF-16 order, and only scalars and lists of them are left to the engine.
 *
 * Numbers are IEEE doubles, as proto3 JSON means them (its 64-bit integers are strings), so a double at or above 2^53 is as exact as any other and
 * stays; a bigint is a defect of the caller and is refused.
 */
export function canonicalJson(value: JsonValue): string {
  return wellFormed(written(value, 0));
}

/** Throws INVALID_EVENT when JSON text, as written by JSON.stringify, holds a lone surrogate: it has no UTF-8 form. */
export function wellFormed(json: string): string {
  if (json.includes('\\ud') && LONE_SURROGATE.test(json)) throw refused('holds a lone surrogate');
  return json;
}

function written(value: JsonValue, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw refused(`holds ${value}`);
      return String(value);
    case 'object':
      if (value === null) return 'null';
      if (depth === MAX_DEPTH) throw refused(`is nested deeper than ${MAX_DEPTH}`);
      return Array.isArray(value) ? writtenItems(value, depth + 1) : writtenKeys(value, depth + 1);
    default:
      throw refused(`holds a ${typeof value}`);
  }
}

function writtenItems(items: readonly JsonValue[], depth: number): string {
  if (items.length === 0) return '[]';
  if (areScalars(items)) return JSON.stringify(items);
  let text = '';
  for (let index = 0; index < items.length; index += 1) text += `${index === 0 ? '[' : ','}${written(items[index] as JsonValue, depth)}`;
  return `${text}]`;
}

/** A list of numbers or texts, as columns of metrics are. Indexed, since an iterator would pass over holes. */
function areScalars(items: readonly JsonValue[]): boolean {
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    if (!(typeof item === 'string' || (typeof item === 'number' && Number.isFinite(item)) || typeof item === 'boolean')) return false;
  }
  return true;
}

function writtenKeys(object: { readonly [key: string]: JsonValue }, depth: number): string {
  if (typeof object['toJSON'] === 'function') throw refused('holds an object that is not plain');
  const keys = Object.keys(object);
  if (keys.length === 0) return '{}';
  if (!areSorted(keys)) keys.sort();
  let text = '';
  for (const key of keys) text += `${text === '' ? '{' : ','}${quotedKey(key)}:${written(object[key] as JsonValue, depth)}`;
  return `${text}}`;
}

function areSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index] as string) < (keys[index - 1] as string)) return false;
  }
  return true;
}

function quotedKey(key: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const quoted = JSON.stringify(key);
  if (quotedKeys.size < REMEMBERED_KEYS) quotedKeys.set(key, quoted);
  return quoted;
}

function refused(why: string): EventStoreError {
  return new EventStoreError('INVALID_EVENT', `The data of the event ${why}: it has no canonical JSON.`);
}
