import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '@cairn/kernel';
import { canonicalJson } from './canonical.js';

const oddKeys = fc.constantFrom('', '0', '9', '10', '4294967295', '-1', '01', '__proto__', 'constructor', 'toJSON', 'é', '\u{1f600}', '\ufb33', 'a', 'B', '\\ud800', '\n');
const keys = fc.oneof(oddKeys, fc.string({ unit: 'grapheme' }));
const scalars = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.string({ unit: 'binary' }).filter((text) => Buffer.from(text).toString() === text),
  fc.constantFrom('\\ud800', '\\\\ud800', '"', '\u2028', '\0', -0, 1e21, 1e-7, 2 ** 60),
);
/** Parsed, so that `__proto__` is a key like any other. */
const objectOf = (entries: [string, JsonValue][]): JsonValue =>
  JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`);
const { json } = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scalars,
    fc.array(tie('json'), { maxLength: 5 }),
    fc.array(fc.tuple(keys, tie('json')), { maxLength: 6 }).map(objectOf),
  ),
}));

describe('canonical JSON', () => {
  it('equals the reference implementation of RFC 8785', () => {
    fc.assert(fc.property(json, (value) => canonicalJson(value) === canonicalize(value)), { numRuns: 2_000 });
  });

  it('is a fixed point: what it wrote it writes again', () => {
    fc.assert(fc.property(json, (value) => canonicalJson(JSON.parse(canonicalJson(value))) === canonicalJson(value)));
  });

  it('does not change what it is given', () => {
    const data = { b: [{ d: 1, c: 2 }], a: 1 };
    canonicalJson(data);
    expect(JSON.stringify(data)).toBe('{"b":[{"d":1,"c":2}],"a":1}');
  });

  it('keeps integer-like keys in text order and __proto__ as a key', () => {
    expect(canonicalJson(JSON.parse('{"9":1,"10":2,"__proto__":{"b":1,"a":2}}'))).toBe('{"10":2,"9":1,"__proto__":{"a":2,"b":1}}');
  });

  it('keeps a double beyond 2^53', () => {
    expect(canonicalJson({ flops: 2.7e16 })).toBe('{"flops":27000000000000000}');
  });

  const deep = Array.from({ length: 200 }).reduce<JsonValue>((inner) => [inner], 1);
  it.each([
    ['NaN', { a: NaN }],
    ['an infinity', { a: [-Infinity] }],
    ['a lone surrogate', { a: 'x\ud83d' }],
    ['a lone surrogate after a backslash', { a: '\\\udc00' }],
    ['a lone surrogate in a key', { '\ud83d': 1 }],
    ['a lone surrogate beside an integer-like key', { 1: '\ud83d' }],
    ['undefined', { a: undefined }],
    ['a hole', { a: [, 1] }], // eslint-disable-line no-sparse-arrays -- A hole is what is refused.
    ['a bigint', { a: 9_007_199_254_740_993n }],
    ['a date', { a: new Date(0) }],
    ['a function', { a: () => 1 }],
    ['nesting without end', deep],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value as JsonValue)).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }));
  });
});
