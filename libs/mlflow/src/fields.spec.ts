import { describe, expect, it } from 'vitest';
import { Fields } from './fields.js';

const refused = (message: string | RegExp) => expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(message) });

describe('Fields', () => {
  it('takes the first of several names', () => {
    expect(new Fields({ run_uuid: 'a' }).text('run_id', 'run_uuid')).toBe('a');
    expect(new Fields({ run_uuid: 'a', run_id: 'b' }).text('run_id', 'run_uuid')).toBe('b');
    expect(() => new Fields({}).text('run_id', 'run_uuid')).toThrow(refused("Missing value for required parameter 'run_id'"));
  });

  it('says missing when it is missing, whatever the source is', () => {
    for (const source of [undefined, null, 'text', 7, []]) expect(() => new Fields(source).text('name')).toThrow(refused('Missing value'));
    expect(() => new Fields({ name: '' }).text('name')).toThrow(refused('Missing value'));
    expect(new Fields({ name: '' }).presentText('name')).toBe('');
  });

  it('reads 64-bit integers from numbers and from text, and refuses what JSON cannot carry back', () => {
    expect(new Fields({ step: 5 }).integer('step')).toBe(5);
    expect(new Fields({ step: '-5' }).integer('step')).toBe(-5);
    for (const step of ['5.5', 5.5, '9007199254740993', true, {}]) {
      expect(() => new Fields({ step }).integer('step')).toThrow(refused("Invalid value .* for parameter 'step' supplied"));
    }
  });

  it('reads what JSON has no number for', () => {
    expect(new Fields({ value: 'NaN' }).double('value')).toBeNaN();
    expect(new Fields({ value: '-Infinity' }).double('value')).toBe(-Infinity);
    expect(() => new Fields({ value: 'abc' }).double('value')).toThrow(refused("Invalid value \"abc\" for parameter 'value' supplied"));
    expect(() => new Fields({}).double('value')).toThrow(refused('Missing value'));
  });

  it('reads a list of one from a query', () => {
    expect(new Fields({ ids: 'a' }).texts('ids')).toEqual(['a']);
    expect(new Fields({ ids: ['a', 1] }).texts('ids')).toEqual(['a', '1']);
    expect(new Fields({}).texts('ids')).toEqual([]);
  });

  it('reads objects inside', () => {
    expect(new Fields({ tags: [{ key: 'k' }] }).list('tags').map((tag) => tag.text('key'))).toEqual(['k']);
    expect(() => new Fields({ tags: ['k'] }).list('tags')).toThrow(refused("parameter 'tags'"));
    expect(new Fields({}).inner('dataset').optionalText('name')).toBeUndefined();
  });

  it('reads numbers of versions and flags, from JSON and from queries', () => {
    expect(new Fields({ version: '7' }).version('version')).toBe(7);
    for (const version of [-1, 2_147_483_648, 'one']) expect(() => new Fields({ version }).version('version')).toThrow(refused("parameter 'version'"));
    const flags = new Fields({ a: 'true', b: false });
    expect([flags.optionalFlag('a'), flags.optionalFlag('b'), flags.optionalFlag('c')]).toEqual([true, false, undefined]);
    for (const flag of ['yes', 1, [], {}]) expect(() => new Fields({ flag }).optionalFlag('flag')).toThrow(refused("parameter 'flag'"));
    expect(new Fields({}).optionalInner('event')).toBeUndefined();
    expect(() => new Fields({ event: 'x' }).optionalInner('event')).toThrow(refused("parameter 'event'"));
  });

  it('lets no character through that a table or an event cannot hold', () => {
    for (const text of ['a\0b', '\ud800', 'x\udfff']) expect(() => new Fields({ value: text }).text('value')).toThrow(refused('no text'));
    expect(new Fields({ value: '😀' }).text('value')).toBe('😀');
  });
});
