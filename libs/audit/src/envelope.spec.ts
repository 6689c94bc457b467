import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvelope } from './envelope.js';

const fields = { actor: 'a', correlationid: 'c', id: 'i', revision: '3', source: '/s', specversion: '1.0', subject: 'thing-1', time: 't', type: 'x', workspace: 'w' };

describe('the envelope of an entry', () => {
  it('is read whatever its data is, and only in its canonical form', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (data) => {
        const body = canonicalize({ ...fields, data })!;
        expect(readEnvelope(body)).toEqual({ subject: 'thing-1', revision: 3n });
        expect(readEnvelope(` ${body}`)).toContain('not canonical');
      }),
    );
  });

  it.each([
    ['keys out of order', '{"b":1,"a":2}'],
    ['a key twice', '{"a":1,"a":1}'],
    ['a number written otherwise', '{"a":1.0}'],
    ['a number that no double is', '{"a":1e400}'],
    ['an escape that is not needed', '{"a":"\\u0041"}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['nesting without end', `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
  ])('is not canonical with %s', (_, data) => {
    const body = canonicalize({ ...fields, data: 0 })!.replace('"data":0', `"data":${data}`);
    expect(readEnvelope(body)).toContain('not canonical');
  });

  it.each([
    { data: [] },
    { data: {}, revision: 3 },
    { data: {}, revision: '03' },
    { data: {}, subject: 7 },
    { data: {}, specversion: '2.0' },
    { data: {}, workspace: null },
    {},
  ])('is none with %j', (change) => {
    expect(readEnvelope(canonicalize({ ...fields, ...change })!)).toContain('not the envelope');
  });
});
