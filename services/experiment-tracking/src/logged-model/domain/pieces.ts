interface Pair {
  readonly key: string;
  readonly value: string;
}

/** What one event may carry of a list. An event has at most 60 KB. */
const BUDGET_BYTES = 50_000;
/** Quotes, commas and field names of one item. */
const OVERHEAD_BYTES = 40;
/** JSON writes a control character as `\\u0000`; no other takes more bytes. */
const MAX_BYTES_PER_CHARACTER = 6;

/** Cuts a list, in order, into pieces that fit one event each, whatever characters they have. */
export function pieces<Item extends Pair>(pairs: readonly Item[]): readonly (readonly Item[])[] {
  const cut: Item[][] = [];
  let roomBytes = 0;
  for (const pair of pairs) {
    const bytes = OVERHEAD_BYTES + MAX_BYTES_PER_CHARACTER * (pair.key.length + pair.value.length);
    const current = cut.at(-1);
    if (current === undefined || bytes > roomBytes) {
      cut.push([pair]);
      roomBytes = BUDGET_BYTES - bytes;
    } else {
      current.push(pair);
      roomBytes -= bytes;
    }
  }
  return cut;
}
