import { inspect } from 'node:util';

/** The value over several lines, keys in order, so that two of them can be compared line by line. */
export function show(value: unknown): string {
  return inspect(value, { depth: 12, sorted: true, compact: false, breakLength: 100, maxArrayLength: 50, maxStringLength: 400 });
}

/** Lines of the expected value that are missing (-) and of the actual one that are too much (+), in their surroundings. */
export function showDifference(expected: unknown, actual: unknown): string {
  const left = show(expected).split('\n');
  const right = show(actual).split('\n');
  const common = longestCommon(left, right);
  const lines: string[] = ['- expected', '+ actual'];
  let [i, j] = [0, 0];
  for (const [atLeft, atRight] of [...common, [left.length, right.length] as const]) {
    lines.push(...left.slice(i, atLeft).map((line) => `- ${line}`), ...right.slice(j, atRight).map((line) => `+ ${line}`));
    if (atLeft < left.length) lines.push(`  ${left[atLeft]}`);
    [i, j] = [atLeft + 1, atRight + 1];
  }
  return lines.join('\n');
}

/** Index pairs of a longest common subsequence. Quadratic: for what a spec shows, a few hundred lines. */
function longestCommon(left: readonly string[], right: readonly string[]): (readonly [number, number])[] {
  const length = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  const at = (i: number, j: number) => length[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = length[i];
      if (row) row[j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}
