import type { Attribute } from './graph-change.js';

const MAX_VALUE_LENGTH = 250;

/** A tag that is removed later becomes null. */
export function tagAttributes(tags: readonly { readonly key: string; readonly value: string }[]): Record<string, Attribute> {
  return Object.fromEntries(tags.map(({ key, value }) => [`tag.${key}`, short(value)]));
}

/** The graph shows values, it does not keep documents; the event has the whole. */
export function short(value: string): string {
  return value.length > MAX_VALUE_LENGTH ? `${value.slice(0, MAX_VALUE_LENGTH)}…` : value;
}
