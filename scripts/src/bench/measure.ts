import { availableParallelism } from 'node:os';

/** Of numbers in any order. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The smallest of the sorted numbers that at least `share` (0 to 1) of them do not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** One thing that is measured: does its work for about `forMs` and answers how many units it did. */
export interface Contestant {
  readonly name: string;
  readonly run: (forMs: number) => Promise<number>;
}

/** Units per second of each round. */
export interface Measured {
  readonly name: string;
  readonly perSecond: readonly number[];
}

/**
 * Runs the contestants in turn, round after round, so that whatever else the machine does meets them all alike; every other round goes backwards, so that
 * nobody always runs behind the same neighbour. The first round only warms up.
 */
export async function interleave(contestants: readonly Contestant[], rounds: number, roundMs: number): Promise<Measured[]> {
  const rates = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, run } of round % 2 === 0 ? contestants : contestants.toReversed()) {
      const startedAtMs = performance.now();
      const units = await run(round === 0 ? roundMs / 2 : roundMs);
      const rate = (units / (performance.now() - startedAtMs)) * 1_000;
      if (round > 0) rates.get(name)?.push(rate);
    }
  }
  return contestants.map(({ name }) => ({ name, perSecond: rates.get(name) ?? [] }));
}

/** Median of the ratios round by round: neighbours in time met the same machine. */
export function ratio(measured: Measured, against: Measured): number {
  return median(measured.perSecond.map((rate, round) => rate / (against.perSecond[round] ?? Number.NaN)));
}

/** Prints medians and spread of each, beside the median ratio of the first to it and the target of that ratio. */
export function printTable(title: string, unit: string, [subject, ...others]: readonly Measured[], targets: Readonly<Record<string, number>>): void {
  if (subject === undefined) return;
  const width = Math.max(...[subject, ...others].map(({ name }) => name.length)) + 2;
  process.stdout.write(`${title}; ${subject.perSecond.length} interleaved rounds, ${availableParallelism()} cores\n`);
  process.stdout.write(`${''.padEnd(width)}${`${unit}/s`.padStart(12)}   ${'[min-max]'.padEnd(20)} ratio of the first to it\n`);
  for (const measured of [subject, ...others]) {
    const { name, perSecond } = measured;
    const [least, middle, most] = [Math.min(...perSecond), median(perSecond), Math.max(...perSecond)].map((rate) => Math.round(rate).toLocaleString('en'));
    const target = targets[name];
    const against = measured === subject ? '' : ratio(subject, measured).toFixed(2) + (target === undefined ? '' : `  (at least ${target})`);
    process.stdout.write(`${name.padEnd(width)}${middle?.padStart(12)}   ${`[${least}-${most}]`.padEnd(20)} ${against}\n`);
  }
}

/** The last line of a benchmark, for programs; two decimals are as much as a shared machine can tell. */
export function printResult(name: string, ratios: Readonly<Record<string, number>>): void {
  const rounded = Object.fromEntries(Object.entries(ratios).map(([key, value]) => [key, Math.round(value * 100) / 100]));
  process.stdout.write(`${JSON.stringify({ name, ratios: rounded })}\n`);
}

/** Whether the command line asks for the last line. */
export function wantsJson(): boolean {
  return process.argv.includes('--json');
}
