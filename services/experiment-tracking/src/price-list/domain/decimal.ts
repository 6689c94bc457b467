/** Prices and factors are decimal texts of at most 9 digits before and after the point; as integers of billionths they add and multiply exactly. */
const DECIMAL = /^(\d{1,9})(?:\.(\d{1,9}))?$/;

export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/** Billionths; 0 for what is no decimal. */
export function nanosOf(text: string): bigint {
  const [, whole = '0', fraction = ''] = DECIMAL.exec(text) ?? [];
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
