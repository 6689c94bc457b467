import { describe, expect, it } from 'vitest';
import { halfToNumber, isFiniteHalf, numberToHalf } from './half.js';

describe('halves', () => {
  // The examples of https://en.wikipedia.org/wiki/Half-precision_floating-point_format.
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 0.000060975551605224609375],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3bff, 0.99951171875],
    [0x3c00, 1],
    [0x3c01, 1.0009765625],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xc000, -2],
    [0xfc00, -Infinity],
  ])('reads and writes %i', (bits, value) => {
    expect(halfToNumber(bits)).toBe(value);
    expect(numberToHalf(value)).toBe(bits);
  });

  it('writes back each of the 65,536 as it was', () => {
    const changed = Array.from({ length: 2 ** 16 }, (_, bits) => bits).filter((bits) => {
      const value = halfToNumber(bits);
      return Number.isNaN(value) ? isFiniteHalf(bits) : numberToHalf(value) !== bits || isFiniteHalf(bits) !== Number.isFinite(value);
    });
    expect(changed).toEqual([]);
  });

  it('rounds to the nearest, halfway to the even one', () => {
    expect(numberToHalf(1 + 2 ** -11)).toBe(0x3c00);
    expect(numberToHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(numberToHalf(1 + 2 ** -11 + 2 ** -20)).toBe(0x3c01);
    expect(numberToHalf(2 ** -25)).toBe(0);
    expect(numberToHalf(65519.99)).toBe(0x7bff);
    expect(numberToHalf(65520)).toBe(0x7c00);
    expect(halfToNumber(numberToHalf(Number.NaN))).toBeNaN();
  });
});
