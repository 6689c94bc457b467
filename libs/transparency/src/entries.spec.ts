import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntries, encodeEntries } from './entries.js';

describe('entry bundles', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 })), (entries) => {
        expect(decodeEntries(encodeEntries(entries)).map((entry) => Uint8Array.from(entry))).toEqual(entries.map((entry) => Uint8Array.from(entry)));
      }),
    );
  });

  it('writes the length in two bytes, big end first', () => {
    expect([...encodeEntries([Uint8Array.of(7, 8, 9)])]).toEqual([0, 3, 7, 8, 9]);
  });

  it('refuses an entry that two bytes can not count, and a bundle that was cut', () => {
    expect(() => encodeEntries([new Uint8Array(65_536)])).toThrow('at most 65535');
    expect(() => decodeEntries(Uint8Array.of(0, 3, 7, 8))).toThrow('middle of entry 0');
    expect(() => decodeEntries(Uint8Array.of(0))).toThrow('middle of entry 0');
  });
});
