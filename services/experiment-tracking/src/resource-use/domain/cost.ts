import { divideRounded } from './rounding.js';
import type { Label, Usage } from './usage.js';

/** Of a version of the price list, in billionths: of the currency, of a watt, of a gram. Absent powers are not known. */
export interface Prices {
  readonly cpuHourNanos: bigint;
  readonly memoryGibHourNanos: bigint;
  readonly energyKwhNanos: bigint;
  readonly gridNanosPerKwh: bigint;
  readonly cpuCoreNanoWatts?: bigint | undefined;
  /** The model without a name is every one that has no price of its own. */
  readonly gpus: readonly { readonly model: string; readonly hourNanos: bigint; readonly nanoWatts?: bigint | undefined }[];
}

export interface CostLine extends Usage {
  /** Millionths of the currency, rounded half up; absent without a price. */
  readonly moneyMicros?: bigint;
  readonly formula: string;
}

export interface Figure {
  readonly amount: bigint;
  /** The weakest of what it is made of. */
  readonly label: Label;
}

export interface Cost {
  readonly lines: readonly CostLine[];
  /** Sum of the rounded lines, so that it can be added up again; absent when a line has no price. */
  readonly moneyMicros?: Figure;
  readonly gpuMs?: Figure;
  readonly energyMwh?: Figure;
  /** Milligrams of CO2 equivalent. */
  readonly carbonMg?: Figure;
  /** Sentences: what is not known, and how to supply it. */
  readonly missing: readonly string[];
}

const STRENGTH: readonly Label[] = ['measured', 'estimated', 'default'];

/** In money, GPU time, energy and carbon, by a version of the price list. Integers all the way: money is rounded once per line. */
export function costOf(observed: readonly Usage[], prices: Prices | undefined): Cost {
  const usage = [...observed, ...(observed.some(({ resource }) => resource === 'energy_mwh') ? [] : defaultEnergy(observed, prices))];
  const lines = usage.map((used) => lineOf(used, prices));
  const energy = sumOf(usage.filter(({ resource }) => resource === 'energy_mwh'));
  const gpu = sumOf(usage.filter(({ resource }) => resource === 'gpu_ms'));
  const money = moneyOf(lines);
  const carbon = energy === undefined || prices === undefined ? undefined : carbonOf(energy, prices);
  return {
    lines,
    ...(money !== undefined && { moneyMicros: money }),
    ...(gpu !== undefined && { gpuMs: gpu }),
    ...(energy !== undefined && { energyMwh: energy }),
    ...(carbon !== undefined && { carbonMg: carbon }),
    missing: missingOf(lines, prices),
  };
}

function carbonOf({ amount, label }: Figure, { gridNanosPerKwh }: Prices): Figure {
  return { amount: divideRounded(amount * gridNanosPerKwh, 1_000_000_000_000n), label };
}

export function sumOf(figures: readonly Figure[]): Figure | undefined {
  if (figures.length === 0) return undefined;
  return { amount: figures.reduce((sum, { amount }) => sum + amount, 0n), label: weakest(figures.map(({ label }) => label)) };
}

/** Power that the price list gives × time; nothing when the power of something that was used is not known. */
function defaultEnergy(usage: readonly Usage[], prices: Prices | undefined): Usage[] {
  const busy = usage.filter(({ resource }) => resource === 'cpu_core_ms' || resource === 'gpu_ms');
  if (prices === undefined || busy.length === 0) return [];
  let amount = 0n;
  for (const { resource, gpuModel, amount: ms } of busy) {
    const nanoWatts = resource === 'gpu_ms' ? gpuOf(prices, gpuModel)?.nanoWatts : prices.cpuCoreNanoWatts;
    if (nanoWatts === undefined) return [];
    // W × ms / 3,600,000 is Wh; the power is in billionths of W, the energy in thousandths of a Wh.
    amount += divideRounded(nanoWatts * ms, 3_600_000_000_000n);
  }
  return [{ resource: 'energy_mwh', amount, gpuModel: '', label: 'default', method: 'time × power of the price list' }];
}

function lineOf(used: Usage, prices: Prices | undefined): CostLine {
  switch (used.resource) {
    case 'cpu_core_ms':
      return priced(used, prices?.cpuHourNanos, 3_600_000n, 'core hours × price of a core hour');
    case 'gpu_ms':
      return priced(used, prices === undefined ? undefined : gpuOf(prices, used.gpuModel)?.hourNanos, 3_600_000n, `hours of ${used.gpuModel || 'GPUs'} × price of a GPU hour`);
    case 'memory_mib_s':
      return priced(used, prices?.memoryGibHourNanos, 1_024n * 3_600n, 'GiB hours × price of a GiB hour');
    case 'energy_mwh':
      return priced(used, prices?.energyKwhNanos, 1_000_000n, 'kWh × price of a kWh');
    default: {
      const unhandled: never = used.resource;
      return unhandled;
    }
  }
}

/** Price in billionths per `per` units → millionths. */
function priced(used: Usage, priceNanos: bigint | undefined, per: bigint, words: string): CostLine {
  const formula = `${words}; ${used.method}`;
  if (priceNanos === undefined) return { ...used, formula };
  return { ...used, formula, moneyMicros: divideRounded(priceNanos * used.amount, per * 1_000n) };
}

function gpuOf({ gpus }: Prices, model: string): Prices['gpus'][number] | undefined {
  return gpus.find((gpu) => gpu.model === model) ?? gpus.find((gpu) => gpu.model === '');
}

function moneyOf(lines: readonly CostLine[]): Figure | undefined {
  const figures = lines.flatMap(({ moneyMicros, label }) => (moneyMicros === undefined ? [] : [{ amount: moneyMicros, label }]));
  return figures.length < lines.length ? undefined : sumOf(figures);
}

function weakest(labels: readonly Label[]): Label {
  return STRENGTH.findLast((label) => labels.includes(label)) ?? 'default';
}

function missingOf(lines: readonly CostLine[], prices: Prices | undefined): string[] {
  const has = (resource: Usage['resource']): boolean => lines.some((line) => line.resource === resource);
  const unpriced = prices === undefined ? [] : lines.filter(({ moneyMicros }) => moneyMicros === undefined);
  return [
    ...(prices === undefined ? ['No price list was in force: POST /tracking/v1/price-lists.'] : []),
    ...(has('cpu_core_ms') ? [] : ['CPU time is not known: report cpu_core_seconds, or set the tag cairn.hardware.cpu_count.']),
    ...(has('memory_mib_s') ? [] : ['Memory is not known: report memory_gib_seconds, or set the tag cairn.hardware.memory_gib.']),
    ...(has('gpu_ms') ? [] : ['No GPU was reported: if there was one, report gpu_seconds, or set the tags cairn.hardware.gpu_count and gpu_model.']),
    ...(has('energy_mwh') ? [] : ['Energy is not known: report energy_wh, enable MLflow\'s system metrics, or declare watts in the price list.']),
    ...unpriced.map(({ gpuModel }) => `The price list has no price of the GPU "${gpuModel}": declare one.`),
  ];
}
