import type { DatasetInput, MetricPoint, ModelOutput, Param, Tag } from './commands.js';

/** What one event may carry of a list. An event has at most 60 KB; the largest single item (a tag of 8,000 characters) still fits. */
const BUDGET_BYTES = 40_000;
/** Numbers, quotes, commas and field names around the texts of one item. */
const OVERHEAD_BYTES = 80;

export const paramBytes = ({ key, value, library, libraryVersion }: Param): number => textBytes(key, value, library, libraryVersion);
export const tagBytes = ({ key, value }: Tag): number => textBytes(key, value);
export const metricBytes = ({ key, measured }: MetricPoint): number =>
  measured === undefined ? textBytes(key) : textBytes(key, measured.modelId, measured.datasetName, measured.datasetDigest);
export const modelBytes = (modelId: string): number => textBytes(modelId);
export const outputBytes = ({ modelId }: ModelOutput): number => textBytes(modelId);
export const inputBytes = ({ name, digest, sourceType, source, context, schema, profile, tags }: DatasetInput): number =>
  textBytes(name, digest, sourceType, source, context, schema, profile) + tags.reduce((sum, tag) => sum + tagBytes(tag), 0);

/** Cuts a list, in order, into pieces that fit one event each. An item above the budget gets a piece of its own. */
export function pieces<Item>(items: readonly Item[], bytesOf: (item: Item) => number): readonly (readonly Item[])[] {
  const cut: Item[][] = [];
  let roomBytes = 0;
  for (const item of items) {
    const bytes = bytesOf(item);
    const current = cut.at(-1);
    if (current === undefined || bytes > roomBytes) {
      cut.push([item]);
      roomBytes = BUDGET_BYTES - bytes;
    } else {
      current.push(item);
      roomBytes -= bytes;
    }
  }
  return cut;
}

export function fitsOneEvent(bytes: number): boolean {
  return bytes <= BUDGET_BYTES;
}

/** Upper bound of the texts' size as UTF-8 JSON: a control character takes 6 bytes (\\u0000), a quote or backslash 2. */
function textBytes(...texts: readonly string[]): number {
  let bytes = OVERHEAD_BYTES;
  for (const text of texts) {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code < 0x20) bytes += 6;
      else if (code === 0x22 || code === 0x5c) bytes += 2;
      else bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    }
  }
  return bytes;
}
