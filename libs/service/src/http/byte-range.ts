import rangeParser from 'range-parser';

export interface ByteRange {
  /** Of the first byte and of the last, counted from 0. */
  readonly start: number;
  readonly end: number;
}

export interface AskedRange {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

/**
 * What a request for `sizeBytes` bytes under a strong entity tag asks for (RFC 9110 §14.2, §13.1.5): all of it, one range, or one that lies outside. All of it also
 * where the header is no range of bytes, names several (which a server may ignore), or holds only for content under another tag; `If-Range` with a date never
 * holds, since content has no date here.
 */
export function byteRangeOf({ range, ifRange }: AskedRange, sizeBytes: number, etag: string): ByteRange | 'all' | 'outside' {
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== etag)) return 'all';
  const [unit = '', set = ''] = /^([^=]*)=(.*)$/.exec(range)?.slice(1).map((part) => part.trim()) ?? [];
  if (unit.toLowerCase() !== 'bytes' || set.includes(',')) return 'all';
  // The parser takes a suffix that is longer than the content for one outside of it; it is the whole content (§14.1.2).
  if (Number(/^-(\d+)$/.exec(set)?.[1] ?? 0) > sizeBytes) return sizeBytes === 0 ? 'all' : { start: 0, end: sizeBytes - 1 };
  const parsed = rangeParser(sizeBytes, `bytes=${set}`);
  if (parsed === -1) return 'outside';
  return parsed === -2 ? 'all' : (parsed[0] ?? 'all');
}
