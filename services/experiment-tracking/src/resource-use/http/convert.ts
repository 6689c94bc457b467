import { nanosOf } from '../../price-list/domain/decimal.js';
import type { PriceListEvent } from '../../price-list/domain/state.js';
import type { ResourceFigure } from '../domain/commands.js';
import type { Cost, CostLine, Figure, Prices } from '../domain/cost.js';
import { textOfMicros } from '../domain/rounding.js';
import type { Usage } from '../domain/usage.js';
import type { ResourceFigureDto } from './report-resources.dto.js';

type Unit = ResourceFigureDto['resource'];

/** What an event holds of one unit on the wire. */
const stored: Readonly<Record<Unit, { readonly resource: Usage['resource']; readonly perUnit: number }>> = {
  cpu_core_seconds: { resource: 'cpu_core_ms', perUnit: 1_000 },
  gpu_seconds: { resource: 'gpu_ms', perUnit: 1_000 },
  memory_gib_seconds: { resource: 'memory_mib_s', perUnit: 1_024 },
  energy_wh: { resource: 'energy_mwh', perUnit: 1_000 },
};
const shown: Readonly<Record<Usage['resource'], { readonly unit: Unit; readonly perUnit: number }>> = {
  cpu_core_ms: { unit: 'cpu_core_seconds', perUnit: 1_000 },
  gpu_ms: { unit: 'gpu_seconds', perUnit: 1_000 },
  memory_mib_s: { unit: 'memory_gib_seconds', perUnit: 1_024 },
  energy_mwh: { unit: 'energy_wh', perUnit: 1_000 },
};

export function convertPrices({ cpuHourPrice, memoryGibHourPrice, energyKwhPrice, gridGco2ePerKwh, cpuCoreWatts, gpus }: PriceListEvent['data']): Prices {
  const known = (watts: string): bigint | undefined => (watts === '' ? undefined : nanosOf(watts));
  return {
    cpuHourNanos: nanosOf(cpuHourPrice),
    memoryGibHourNanos: nanosOf(memoryGibHourPrice),
    energyKwhNanos: nanosOf(energyKwhPrice),
    gridNanosPerKwh: nanosOf(gridGco2ePerKwh),
    cpuCoreNanoWatts: known(cpuCoreWatts),
    gpus: gpus.map(({ model, hourPrice, watts }) => ({ model, hourNanos: nanosOf(hourPrice), nanoWatts: known(watts) })),
  };
}

export function convertFigureDto({ resource: unit, amount, gpu_model, label, method }: ResourceFigureDto): ResourceFigure {
  const { resource, perUnit } = stored[unit];
  return { resource, amount: BigInt(Math.round(amount * perUnit)), gpuModel: gpu_model, label, method };
}

export function usageJson({ resource, amount, gpuModel, label, method }: Usage) {
  const { unit, perUnit } = shown[resource];
  return { resource: unit, amount: Number(amount) / perUnit, ...(gpuModel !== '' && { gpu_model: gpuModel }), label, method };
}

function lineJson(line: CostLine) {
  return { ...usageJson(line), money: line.moneyMicros === undefined ? null : textOfMicros(line.moneyMicros), formula: line.formula };
}

/** GPU hours and kWh to six digits behind the point. */
const inHours = (ms: bigint): number => Math.round(Number(ms) / 3.6) / 1_000_000;
const inThousands = (amount: bigint): number => Number(amount) / 1_000;

export function figureJson(figure: Figure | undefined, convert: (amount: bigint) => number) {
  return figure === undefined ? null : { amount: convert(figure.amount), label: figure.label };
}

export function totalsJson({ moneyMicros, gpuMs, energyMwh, carbonMg }: Pick<Cost, 'moneyMicros' | 'gpuMs' | 'energyMwh' | 'carbonMg'>, currency: string | undefined) {
  return {
    money: moneyMicros === undefined || currency === undefined ? null : { amount: textOfMicros(moneyMicros.amount), currency, label: moneyMicros.label },
    gpu_hours: figureJson(gpuMs, inHours),
    energy_kwh: figureJson(energyMwh, (mwh) => Number(mwh) / 1_000_000),
    carbon_gco2e: figureJson(carbonMg, inThousands),
  };
}

export function costJson(cost: Cost, prices: PriceListEvent['data'] | undefined) {
  return {
    price_list: prices === undefined ? null : { version: prices.version, currency: prices.currency, valid_from_ms: Number(prices.validFromMs) },
    grid: prices === undefined ? null : { gco2e_per_kwh: prices.gridGco2ePerKwh, region: prices.gridRegion, source: prices.gridSource },
    totals: totalsJson(cost, prices?.currency),
    lines: cost.lines.map(lineJson),
    missing: cost.missing,
  };
}
