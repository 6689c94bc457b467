/** JSON has no number for NaN and the infinities: they go as text, which clients read back. */
export function convertDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
