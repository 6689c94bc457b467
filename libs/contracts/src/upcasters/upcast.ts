import type { JsonObject } from '@cairn/kernel';
import { datasetVersionRegistered } from './dataset-version-registered.js';

/** What the log holds of an event: a type, and its data as proto3 JSON of whatever shape that type had when it was appended. */
export interface StoredShape {
  readonly type: string;
  readonly data: JsonObject;
}

/**
 * Stored data → the shape of now, for ever: what was appended is never changed. Pure, and does nothing to data that has the new shape already. May answer
 * with another type, whose own upcaster then goes on; whoever filters by type has to ask for the old one as well.
 */
export type Upcaster = (data: JsonObject) => StoredShape;

const upcasters: Readonly<Record<string, Upcaster>> = {
  'cairn.catalog.v1.DatasetVersionRegistered': datasetVersionRegistered,
};

export function upcast(type: string, data: JsonObject): StoredShape {
  let current: StoredShape = { type, data };
  for (;;) {
    const upcaster = Object.hasOwn(upcasters, current.type) ? upcasters[current.type] : undefined;
    if (upcaster === undefined) return current;
    const next = upcaster(current.data);
    if (next.type === current.type) return next;
    current = next;
  }
}
