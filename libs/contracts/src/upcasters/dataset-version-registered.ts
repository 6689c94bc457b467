import type { JsonObject } from '@cairn/kernel';
import type { StoredShape } from './upcast.js';

const TYPE = 'cairn.catalog.v1.DatasetVersionRegistered';
const PACKAGE = /^npm:(@?[^@\s]+)@([^\s/]+)/;
const URI = /^[a-z][a-z0-9+.-]*:\/\/\S+/i;

/** Until `source` was there, `origin` said in one text where data came from: take it apart, once for all readers. */
export function datasetVersionRegistered(data: JsonObject): StoredShape {
  const { origin, source } = data;
  if (source !== undefined || typeof origin !== 'string' || origin === '') return { type: TYPE, data };
  return { type: TYPE, data: { ...data, source: sourceOf(origin) } };
}

function sourceOf(origin: string): JsonObject {
  const [, name, version] = PACKAGE.exec(origin) ?? [];
  if (name !== undefined && version !== undefined) return { kind: 'package', name, version };
  const [uri] = URI.exec(origin) ?? [];
  return uri === undefined ? { kind: 'text', name: origin, version: '' } : { kind: 'uri', name: uri, version: '' };
}
