import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import type { DeclarePriceList, PriceList } from './commands.js';
import { priceList } from './decider.js';
import { nanosOf } from './decimal.js';
import type { PriceListEvent } from './state.js';

const list: PriceList = {
  currency: 'EUR', validFromMs: 0n, cpuHourPrice: '0.05', memoryGibHourPrice: '0.005', energyKwhPrice: '0.3', gpus: [{ model: 'H200', hourPrice: '3.5', watts: '700' }],
  gridGco2ePerKwh: '380', gridRegion: 'DE', gridSource: 'UBA 2024', cpuCoreWatts: '',
};
const declare = (changes: Partial<PriceList> = {}): DeclarePriceList => ({ type: 'DeclarePriceList', data: { ...list, ...changes }, meta: testMeta() });
const declared = (version: number, changes: Partial<PriceList> = {}): PriceListEvent => ({ type: 'cairn.tracking.v1.PriceListDeclared', data: { version, ...list, ...changes } });

describe('price list', () => {
  const { given } = deciderSpec(priceList);

  it('numbers its versions, and makes none of the same list', () => {
    given([]).when(declare()).then([declared(1)]);
    given([declared(1)]).when(declare()).thenNothing();
    given([declared(1)]).when(declare({ energyKwhPrice: '0.31' })).then([declared(2, { energyKwhPrice: '0.31' })]);
    given([declared(1), declared(2, { energyKwhPrice: '0.31' })]).when(declare()).then([declared(3)]);
  });

  it.each<[string, Partial<PriceList>]>([
    ['a currency in words', { currency: 'Euro' }], ['a negative price', { cpuHourPrice: '-1' }], ['an exponent', { energyKwhPrice: '1e3' }],
    ['no price', { memoryGibHourPrice: '' }],
    ['ten digits behind the point', { cpuHourPrice: '0.0000000001' }], ['a GPU twice', { gpus: [...list.gpus, ...list.gpus] }],
    ['too many GPUs', { gpus: Array.from({ length: 51 }, (_, at) => ({ model: String(at), hourPrice: '1', watts: '' })) }], ['watts in words', { cpuCoreWatts: 'ten' }],
  ])('refuses %s', (_, changes) => {
    given([]).when(declare(changes)).thenRefused('INVALID_PRICE_LIST');
  });
});

describe('decimals', () => {
  it.each<[string, bigint]>([
    ['0.05', 50_000_000n], ['3', 3_000_000_000n], ['0.000000001', 1n], ['999999999.999999999', 999_999_999_999_999_999n], ['x', 0n],
  ])('reads %s', (text, nanos) => {
    expect(nanosOf(text)).toBe(nanos);
  });
});
