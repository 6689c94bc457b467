import { Fields, invalidParameter } from '@cairn/mlflow';
import type { Tag } from '../domain/commands.js';

const MAX_KEY_LENGTH = 250;
/** MLflow cuts what is longer, silently; so its clients count on it. */
const MAX_VALUE_LENGTH = 8_000;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
/** protobuf's JSON of a Duration: seconds with up to nine decimals. */
const DURATION = /^(\d{1,12})(?:\.(\d{1,9}))?s$/;
const MAX_DEPTH = 50;

/** MLflow's words, which its clients look for. */
export function missing(name: string): Error {
  return invalidParameter(`Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`);
}

export type Source = Readonly<Record<string, unknown>>;

/** An object inside; absent means that all its fields are absent. */
export function objectIn(source: unknown, name: string): Source {
  const value = isRecord(source) ? source[name] : undefined;
  return isRecord(value) ? value : {};
}

export function isRecord(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map of texts, as version 3 of the routes writes tags and metadata. */
export function tagsOfMap(map: Source): Tag[] {
  const fields = new Fields(map);
  return Object.keys(map).map((key) => convertTraceTag(key, fields.optionalText(key) ?? ''));
}

/** A list of key and value, as version 2 does. */
export function tagsOfList(list: readonly Fields[]): Tag[] {
  return list.map((tag) => convertTraceTag(tag.text('key'), tag.optionalText('value') ?? ''));
}

export function convertTraceTag(key: string, value: string): Tag {
  if (key === '' || key.length > MAX_KEY_LENGTH) throw invalidParameter(`The key of a tag has 1 to ${MAX_KEY_LENGTH} characters; this one has ${key.length}.`);
  if (new Fields({ key }).text('key') !== key) throw invalidParameter(`Invalid value for parameter 'key' supplied.`);
  return { key, value: cut(value, MAX_VALUE_LENGTH) };
}

/** The beginning of a text; a cut never leaves half a surrogate pair. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/\p{Surrogate}$/u, '');
}

/** Milliseconds since 1970 of an RFC 3339 time. */
export function timeOf(text: string, name: string): number {
  const timeMs = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timeMs)) throw unfit(text, name, 'an RFC 3339 time, e.g. 2026-01-02T03:04:05.678Z');
  return timeMs;
}

/** Milliseconds of `1.5s`. */
export function durationOf(text: string, name: string): bigint {
  const [, seconds, decimals = ''] = DURATION.exec(text) ?? [];
  if (seconds === undefined) throw unfit(text, name, 'a duration in seconds, e.g. 1.5s');
  return BigInt(seconds) * 1_000n + BigInt(decimals.padEnd(3, '0').slice(0, 3));
}

/** `1500n` → `1.500s`, as protobuf writes it. */
export function durationText(durationMs: string): string {
  const [seconds, ms] = [BigInt(durationMs) / 1_000n, BigInt(durationMs) % 1_000n];
  return ms === 0n ? `${seconds}s` : `${seconds}.${String(ms).padStart(3, '0')}s`;
}

/** JSON text of what a client sent as a value. Throws for what no table can hold or search: too deep, NUL, half a surrogate pair. */
export function jsonText(value: unknown, name: string): string {
  const refused = (why: string): Error => invalidParameter(`Invalid value for parameter '${name}' supplied: ${why}`);
  if (depthOf(value) > MAX_DEPTH) throw refused(`it is nested deeper than ${MAX_DEPTH} levels.`);
  const text = JSON.stringify(value, (key, inner: unknown) => {
    for (const part of [key, inner]) {
      if (typeof part === 'string' && /\0|\p{Surrogate}/u.test(part)) throw refused('it holds a character that is no text.');
    }
    return inner;
  });
  return text;
}

function unfit(text: string, name: string, expected: string): Error {
  return invalidParameter(`Invalid value "${text.slice(0, 100)}" for parameter '${name}' supplied: it must be ${expected}.`);
}

/** Without recursion: it is asked of what may be nested as deep as a request is long. */
function depthOf(value: unknown): number {
  let level = [value];
  for (let depth = 0; ; depth += 1) {
    const next = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    if (next.length === 0 || depth > MAX_DEPTH) return depth;
    level = next;
  }
}
