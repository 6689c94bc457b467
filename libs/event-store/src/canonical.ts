import canonicalize from 'canonicalize';
import type { JsonValue } from '@cairn/kernel';
import { EventStoreError } from './errors.js';

/** Deeper data is refused before the recursion could exhaust the stack. */
const MAX_DEPTH = 128;

/** A `\ud8xx` … `\udfff` escape whose backslash isn't itself escaped: that is how JSON.stringify writes a lone surrogate. */
const LONE_SURROGATE = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/;

/**
 * RFC 8785 canonical JSON. Throws INVALID_EVENT for what has no such form (NaN, infinities, lone surrogates) and for what isn't JSON.
 *
 * The common case is one walk that sorts the keys where they are not sorted yet, then the engine's own JSON.stringify, whose numbers and string escapes
 * are those of RFC 8785. The engine orders integer-like keys by value and gives `__proto__` a meaning: objects with such keys take the slow way.
 *
 * Numbers are IEEE doubles, as proto3 JSON means them (its 64-bit integers are strings), so a double at or above 2^53 is as exact as any other and
 * stays; a bigint is a defect of the caller and is refused.
 */
export function canonicalJson(value: JsonValue): string {
  const walk = { unusualKeys: false };
  const sorted = ordered(value, walk, 0);
  if (!walk.unusualKeys) return wellFormed(JSON.stringify(sorted));
  wellFormed(JSON.stringify(value));
  const text = canonicalize(value);
  if (text === undefined) throw refused('is not JSON');
  return text;
}

/** Throws INVALID_EVENT when JSON text, as written by JSON.stringify, holds a lone surrogate: it has no UTF-8 form. */
export function wellFormed(json: string): string {
  if (json.includes('\\ud') && LONE_SURROGATE.test(json)) throw refused('holds a lone surrogate');
  return json;
}

/** The same value with every object's keys in UTF-16 order; copies only what has to change. */
function ordered(value: JsonValue, walk: { unusualKeys: boolean }, depth: number): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw refused(`holds ${value}`);
      return value;
    case 'object':
      if (value === null) return value;
      if (depth === MAX_DEPTH) throw refused(`is nested deeper than ${MAX_DEPTH}`);
      return Array.isArray(value) ? orderedItems(value, walk, depth + 1) : orderedKeys(value, walk, depth + 1);
    default:
      throw refused(`holds a ${typeof value}`);
  }
}

function orderedItems(items: readonly JsonValue[], walk: { unusualKeys: boolean }, depth: number): JsonValue[] {
  let copy: JsonValue[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index] as JsonValue;
    const sorted = ordered(item, walk, depth);
    if (sorted !== item) (copy ??= items.slice())[index] = sorted;
  }
  return copy ?? (items as JsonValue[]);
}

function orderedKeys(object: { readonly [key: string]: JsonValue }, walk: { unusualKeys: boolean }, depth: number): JsonValue {
  if (typeof object['toJSON'] === 'function') throw refused('holds an object that is not plain');
  const keys = Object.keys(object);
  let inOrder = true;
  let previous = '';
  for (const key of keys) {
    if (key < previous) inOrder = false;
    if (isUnusual(key)) walk.unusualKeys = true;
    previous = key;
  }
  if (!inOrder) keys.sort();
  let copy: { [key: string]: JsonValue } | undefined = inOrder ? undefined : {};
  for (const key of keys) {
    const item = object[key] as JsonValue;
    const sorted = ordered(item, walk, depth);
    if (copy === undefined && sorted !== item) copy = { ...object };
    if (copy !== undefined) copy[key] = sorted;
  }
  return copy ?? (object as JsonValue);
}

/** Begins with a digit (the engine may put it first) or is `__proto__` (assigning it sets no key). */
function isUnusual(key: string): boolean {
  const first = key.charCodeAt(0);
  return (first >= 48 && first <= 57) || key === '__proto__';
}

function refused(why: string): EventStoreError {
  return new EventStoreError('INVALID_EVENT', `The data of the event ${why}: it has no canonical JSON.`);
}
