import { describe, expect, it } from 'vitest';
import { costOf, type Prices } from './cost.js';
import { divideRounded, textOfMicros } from './rounding.js';
import { usageOf, type ObservedRun, type PowerSeries, type Usage } from './usage.js';

const HOUR_MS = 3_600_000;
const nanos = (thousandths: number): bigint => BigInt(thousandths) * 1_000_000n;
/** 0.05 for a core hour, 0.005 for a GiB hour, 0.3 for a kWh, 3.5 for an hour of an H200; 10 W a core, 700 W a GPU, 380 g a kWh. */
const prices: Prices = {
  cpuHourNanos: nanos(50), memoryGibHourNanos: nanos(5), energyKwhNanos: nanos(300), gpus: [{ model: 'H200', hourNanos: nanos(3_500), nanoWatts: nanos(700_000) }],
  gridNanosPerKwh: nanos(380_000), cpuCoreNanoWatts: nanos(10_000),
};
const used = (resource: Usage['resource'], amount: bigint, changes: Partial<Usage> = {}): Usage => ({
  resource, amount, gpuModel: '', label: 'measured', method: 'meter', ...changes,
});
const observed = (changes: Partial<ObservedRun> = {}): ObservedRun => ({ wallMs: HOUR_MS, figures: [], power: [], hardware: { gpuModel: '' }, ...changes });
const power = (changes: Partial<PowerSeries> = {}): PowerSeries => ({ points: 361, firstMs: 0, lastMs: HOUR_MS, longestGapMs: 10_000, wattMs: 500 * HOUR_MS, ...changes });

describe('what runs cost', () => {
  // By hand: 2 core hours at 0.05 = 0.10; 1.5 GPU hours at 3.5 = 5.25; 16 GiB for an hour at 0.005 = 0.08; 1.2 kWh at 0.3 = 0.36, and at 380 g = 456 g.
  it('is the price of each resource × its amount', () => {
    const gpu = used('gpu_ms', 5_400_000n, { gpuModel: 'H200', label: 'estimated' });
    const usage = [used('cpu_core_ms', 7_200_000n), gpu, used('memory_mib_s', 58_982_400n), used('energy_mwh', 1_200_000n)];
    const cost = costOf(usage, prices);
    expect(cost.lines.map(({ moneyMicros }) => moneyMicros)).toEqual([100_000n, 5_250_000n, 80_000n, 360_000n]);
    expect(cost).toMatchObject({
      moneyMicros: { amount: 5_790_000n, label: 'estimated' }, gpuMs: { amount: 5_400_000n, label: 'estimated' }, energyMwh: { amount: 1_200_000n, label: 'measured' },
      carbonMg: { amount: 456_000n, label: 'measured' }, missing: [],
    });
  });

  it.each<[bigint, bigint, bigint]>([
    // 0.1 an hour is 0.0000278 a second, which binary fractions cannot hold.
    [100_000_000n, 1_000n, 28n], [3_600_000n, 500n, 1n], [3_600_000n, 499n, 0n], [1n, 3_600_000_000_000n, 1_000n], [999_999_999_000_000_000n, 3_600_000n, 999_999_999_000_000n],
  ])('rounds once, half up, to a millionth: %d billionths an hour for %d ms', (cpuHourNanos, amount, micros) => {
    expect(costOf([used('cpu_core_ms', amount)], { ...prices, cpuHourNanos }).lines[0]?.moneyMicros).toBe(micros);
  });

  it('adds rounded lines, so that the total is their sum', () => {
    const lines = [used('cpu_core_ms', 500n), used('energy_mwh', 5n)];
    const cost = costOf(lines, { ...prices, cpuHourNanos: 3_600_000n, energyKwhNanos: 100_000_000n });
    expect([cost.lines.map(({ moneyMicros }) => moneyMicros), cost.moneyMicros?.amount]).toEqual([[1n, 1n], 2n]);
  });

  // 2 cores × 10 W + 1 GPU × 700 W for an hour = 720 Wh, at 380 g/kWh = 273.6 g.
  it('takes energy from the powers of the price list when nobody measured it, as a default', () => {
    const cost = costOf([used('cpu_core_ms', 7_200_000n), used('gpu_ms', 3_600_000n, { gpuModel: 'H200' })], prices);
    expect(cost).toMatchObject({ energyMwh: { amount: 720_000n, label: 'default' }, carbonMg: { amount: 273_600n, label: 'default' } });
    expect(costOf([used('cpu_core_ms', 1n)], { ...prices, cpuCoreNanoWatts: undefined }).energyMwh).toBeUndefined();
  });

  it('has no total where a price is missing, and says which', () => {
    const cost = costOf([used('cpu_core_ms', 1n), used('gpu_ms', 1n, { gpuModel: 'B200' })], prices);
    expect(cost.moneyMicros).toBeUndefined();
    expect(cost.missing).toContain('The price list has no price of the GPU "B200": declare one.');
    const any = { ...prices, gpus: [...prices.gpus, { model: '', hourNanos: nanos(1_000) }] };
    expect(costOf([used('gpu_ms', 3_600_000n, { gpuModel: 'B200' })], any).moneyMicros?.amount).toBe(1_000_000n);
    const without = costOf([used('cpu_core_ms', 1n)], undefined);
    expect(without).toMatchObject({ lines: [{ resource: 'cpu_core_ms' }], missing: expect.arrayContaining([expect.stringContaining('price-lists')]) });
    expect(costOf([], prices)).toMatchObject({ lines: [], missing: expect.arrayContaining([expect.stringMatching(/^Energy is not known/)]) });
    expect(costOf([], prices).moneyMicros).toBeUndefined();
  });
});

describe('what runs used', () => {
  it('is what they reported, before all else', () => {
    const figure = { resource: 'energy_mwh', amount: 5n, gpuModel: '', label: 'measured', method: 'meter' };
    expect(usageOf(observed({ figures: [figure], power: [power()], hardware: { cpuCount: 2, gpuModel: '' } }))).toMatchObject([
      { resource: 'energy_mwh', amount: 5n, label: 'measured' }, { resource: 'cpu_core_ms', amount: 7_200_000n, label: 'default' }, { resource: 'gpu_ms', label: 'estimated' },
    ]);
  });

  it('is wall time × declared hardware by default', () => {
    expect(usageOf(observed({ hardware: { cpuCount: 8, memoryGib: 16, gpuCount: 2, gpuModel: 'H200' } }))).toMatchObject([
      { resource: 'cpu_core_ms', amount: 28_800_000n, label: 'default' }, { resource: 'gpu_ms', amount: 7_200_000n, gpuModel: 'H200', label: 'default' },
      { resource: 'memory_mib_s', amount: 58_982_400n, label: 'default' },
    ]);
    expect(usageOf(observed())).toEqual([]);
  });

  it('is the integral of sampled power, as an estimate', () => {
    expect(usageOf(observed({ power: [power(), power({ wattMs: 100 * HOUR_MS })] }))).toMatchObject([
      { resource: 'gpu_ms', amount: 7_200_000n, label: 'estimated' }, { resource: 'energy_mwh', amount: 600_000n, label: 'estimated' },
    ]);
  });

  it.each<[string, Partial<PowerSeries>]>([
    ['a single point', { points: 1 }], ['a long gap', { longestGapMs: 120_001 }], ['half of the run', { lastMs: HOUR_MS / 2 }], ['no number', { wattMs: NaN }],
  ])('takes no energy from a series with %s', (_, changes) => {
    expect(usageOf(observed({ power: [power(changes)] }))).toEqual([]);
  });
});

describe('rounding', () => {
  it.each<[bigint, bigint, bigint]>([[1n, 2n, 1n], [1n, 3n, 0n], [2n, 3n, 1n], [5n, 10n, 1n], [4n, 10n, 0n]])('divides %d by %d, half up', (dividend, divisor, quotient) => {
    expect(divideRounded(dividend, divisor)).toBe(quotient);
  });

  it.each<[bigint, string]>([[0n, '0.000000'], [42_500n, '0.042500'], [1_234_567n, '1.234567']])('writes %d millionths', (micros, text) => {
    expect(textOfMicros(micros)).toBe(text);
  });
});
