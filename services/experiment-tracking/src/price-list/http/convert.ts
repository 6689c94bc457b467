import { decodeEvent } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';
import type { PriceList } from '../domain/commands.js';
import type { PriceListEvent } from '../domain/state.js';
import type { PriceListRow } from '../views/price-lists/price-list.entity.js';
import type { DeclarePriceListDto } from './declare-price-list.dto.js';

export function convertPriceListDto(dto: DeclarePriceListDto): PriceList {
  return {
    currency: dto.currency,
    validFromMs: BigInt(dto.valid_from_ms),
    cpuHourPrice: dto.cpu_hour_price,
    memoryGibHourPrice: dto.memory_gib_hour_price,
    energyKwhPrice: dto.energy_kwh_price,
    gpus: dto.gpus.map(({ model, hour_price, watts }) => ({ model, hourPrice: hour_price, watts })),
    gridGco2ePerKwh: dto.grid_gco2e_per_kwh,
    gridRegion: dto.grid_region,
    gridSource: dto.grid_source,
    cpuCoreWatts: dto.cpu_core_watts,
  };
}

export function readPriceList({ prices }: PriceListRow): PriceListEvent['data'] {
  return decodeEvent<PriceListEvent>('cairn.tracking.v1.PriceListDeclared', JSON.parse(prices) as JsonObject).data;
}

export function convertPriceList(row: PriceListRow) {
  const list = readPriceList(row);
  return {
    version: list.version,
    currency: list.currency,
    valid_from_ms: Number(list.validFromMs),
    cpu_hour_price: list.cpuHourPrice,
    memory_gib_hour_price: list.memoryGibHourPrice,
    energy_kwh_price: list.energyKwhPrice,
    gpus: list.gpus.map(({ model, hourPrice, watts }) => ({ model, hour_price: hourPrice, ...(watts !== '' && { watts }) })),
    grid_gco2e_per_kwh: list.gridGco2ePerKwh,
    grid_region: list.gridRegion,
    grid_source: list.gridSource,
    ...(list.cpuCoreWatts !== '' && { cpu_core_watts: list.cpuCoreWatts }),
    declared_at: row.declaredAt,
    declared_by: row.declaredBy,
  };
}
