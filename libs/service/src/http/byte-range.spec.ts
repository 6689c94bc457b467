import { describe, expect, it } from 'vitest';
import { byteRangeOf } from './byte-range.js';

const ETAG = '"sha256:a"';
const asked = (range: string | undefined, sizeBytes = 10, ifRange?: string) => byteRangeOf({ range, ifRange }, sizeBytes, ETAG);

describe('byteRangeOf', () => {
  // The examples of RFC 9110 §14.1.2, for ten bytes instead of ten thousand.
  it.each([
    ['bytes=0-4', 0, 4], ['bytes=5-9', 5, 9], ['bytes=-5', 5, 9], ['bytes=5-', 5, 9], ['bytes=0-0', 0, 0], ['bytes=-1', 9, 9], ['bytes=9-9', 9, 9],
    ['bytes=7-99', 7, 9], ['bytes=-99', 0, 9], ['Bytes=0-4', 0, 4], ['bytes= 2-3 ', 2, 3], [`bytes=0-${'9'.repeat(400)}`, 0, 9],
  ])('%s is %i to %i of ten bytes', (range, start, end) => expect(asked(range)).toEqual({ start, end }));

  it.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=5-2', `bytes=${'9'.repeat(400)}-`])('%s lies outside of ten bytes', (range) => expect(asked(range)).toBe('outside'));

  it.each([
    undefined, '', 'bytes', 'bytes=', 'bytes=-', 'bytes=a-b', 'bytes=1', 'bytes=1.5-2', 'bytes=--1', 'bytes=0x1-2', 'rows=0-4', 'bytes=0-1,5-6', 'bytes=0-1,', '0-4', 'bytes=0-4=5',
    `bytes=${'-'.repeat(9_000)}`,
  ])('%s asks for everything', (range) => expect(asked(range)).toBe('all'));

  it('has nothing of no bytes to give', () => {
    expect([asked('bytes=0-', 0), asked('bytes=-1', 0), asked('bytes=0-0', 0)]).toEqual(['outside', 'all', 'outside']);
  });

  it('holds with If-Range for the same content alone', () => {
    expect(asked('bytes=0-4', 10, ETAG)).toEqual({ start: 0, end: 4 });
    for (const other of ['"sha256:b"', `W/${ETAG}`, 'Sat, 21 Nov 2026 12:00:00 GMT', '*', '']) expect(asked('bytes=0-4', 10, other)).toBe('all');
  });
});
