import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entityKey } from '../entity-key.js';
import { decimal, encodeAnswer } from './encode-answer.js';

describe('an online answer', () => {
  it('writes every value so that it reads back as it was, and never as a whole number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(decimal(value)).toMatch(/[.e]/);
        expect(JSON.parse(decimal(value))).toBe(value);
      }),
    );
    expect([1, -0, 1e21, 1e-7].map(decimal)).toEqual(['1.0', '-0.0', '1e+21', '1e-7']);
    expect([null, Number.NaN, Infinity].map(decimal)).toEqual(['null', 'null', 'null']);
  });

  it('has one result per name, entities first and as they were sent', () => {
    const entities = { rows: 2, given: new Map([['user', ['7', 7]]]), texts: new Map([['user', ['7', '7']]]) };
    const column = { name: 'share', values: [0, null], statuses: ['PRESENT', 'NOT_FOUND'], times: ['2001-01-01T00:00:00Z', '1970-01-01T00:00:00Z'] } as const;
    const none = '1970-01-01T00:00:00Z';
    expect(JSON.parse(encodeAnswer({ entities, columns: [column] }))).toEqual({
      results: [
        { values: ['7', 7], statuses: ['PRESENT', 'PRESENT'], event_timestamps: [none, none] },
        { values: [0, null], statuses: ['PRESENT', 'NOT_FOUND'], event_timestamps: ['2001-01-01T00:00:00Z', none] },
      ],
      metadata: { feature_names: ['user', 'share'] },
    });
  });
});

describe('the key of an entity', () => {
  it('keeps values apart that read the same when they are put together', () => {
    expect(entityKey(['1', '23'])).not.toBe(entityKey(['12', '3']));
  });
});
