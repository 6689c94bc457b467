/** IEEE 754 binary16, kept as its bits: 1 of the sign, 5 of the exponent, 10 of the fraction. Node 20 has no array of them. */

const FRACTION = 2 ** 10;
const INFINITY_BITS = 0x7c00;
/** 65504 is the greatest; what lies at half a step above it or further rounds to infinity. */
const ROUNDS_TO_INFINITY = 65_520;
const LEAST_NORMAL_EXPONENT = -14;

export function isFiniteHalf(bits: number): boolean {
  return (bits & INFINITY_BITS) !== INFINITY_BITS;
}

export function halfToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits & INFINITY_BITS) >> 10;
  const fraction = bits & (FRACTION - 1);
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (FRACTION + fraction) * 2 ** (exponent - 25);
}

/** The nearest, and of two that are equally near the one with the even fraction. */
export function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= ROUNDS_TO_INFINITY) return sign | INFINITY_BITS;
  // Without a leading one; a fraction that rounds up to 1024 is the least number that has one, as it should be.
  if (size < 2 ** LEAST_NORMAL_EXPONENT) return sign | toEven(size * 2 ** 24);
  let exponent = LEAST_NORMAL_EXPONENT;
  while (size >= 2 ** (exponent + 1)) exponent += 1;
  return sign | (((exponent + 15) << 10) + toEven(size * 2 ** (10 - exponent)) - FRACTION);
}

function toEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
