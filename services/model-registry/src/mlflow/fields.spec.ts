import { describe, expect, it } from 'vitest';
import { Fields } from './fields.js';

const refused = (message: string | RegExp) => expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(message) });

describe('Fields', () => {
  it('says missing when it is missing, whatever the source is', () => {
    for (const source of [undefined, null, 'text', 7, [], {}, { name: '' }]) expect(() => new Fields(source).text('name')).toThrow(refused("required parameter 'name'"));
  });

  it('reads integers from numbers and from text', () => {
    expect(new Fields({ version: '2' }).integer('version')).toBe(2);
    expect(new Fields({ version: 2 }).integer('version')).toBe(2);
    for (const version of ['two', 2.5, true]) expect(() => new Fields({ version }).integer('version')).toThrow(refused('Invalid value'));
  });

  it('reads objects of a list', () => {
    expect(new Fields({ tags: [{ key: 'k' }] }).list('tags').map((tag) => tag.text('key'))).toEqual(['k']);
    expect(() => new Fields({ tags: ['k'] }).list('tags')).toThrow(refused("parameter 'tags'"));
  });

  it('lets no character through that a table or an event cannot hold', () => {
    for (const text of ['a\0b', '\ud800']) expect(() => new Fields({ name: text }).text('name')).toThrow(refused('no text'));
  });
});
