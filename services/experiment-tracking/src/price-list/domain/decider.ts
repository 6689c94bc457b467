import type { Decider, Refusal } from '@cairn/kernel';
import type { DeclarePriceList, PriceList } from './commands.js';
import { isDecimal } from './decimal.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type PriceListEvent, type PriceListState } from './state.js';

const MAX_GPUS = 50;

export const priceList: Decider<PriceListState, DeclarePriceList, PriceListEvent, Code> = {
  category: 'price-list',
  initialState: () => ({ version: 0 }),
  evolve,
  decide,
  refusals,
};

/** The same list again changes nothing: a script may declare it each time it runs. */
function decide({ data }: DeclarePriceList, { version, last }: PriceListState): readonly PriceListEvent[] | Refusal<Code> {
  const wrong = whatIsWrong(data);
  if (wrong !== undefined) return refuse('INVALID_PRICE_LIST', wrong);
  if (last !== undefined && sameList(data, last)) return [];
  return [{ type: 'cairn.tracking.v1.PriceListDeclared', data: { version: version + 1, ...data } }];
}

function whatIsWrong(list: PriceList): string | undefined {
  if (!/^[A-Z]{3}$/.test(list.currency)) return `The currency "${list.currency}" must be three capital letters as in ISO 4217, e.g. EUR.`;
  if (list.gpus.length > MAX_GPUS) return `A price list has at most ${MAX_GPUS} models of GPUs; this one has ${list.gpus.length}.`;
  if (new Set(list.gpus.map(({ model }) => model)).size < list.gpus.length) return 'Each model of a GPU has one price: this list names one twice.';
  const decimals = [
    list.cpuHourPrice, list.memoryGibHourPrice, list.energyKwhPrice, list.gridGco2ePerKwh, ...(list.cpuCoreWatts === '' ? [] : [list.cpuCoreWatts]),
    ...list.gpus.flatMap(({ hourPrice, watts }) => (watts === '' ? [hourPrice] : [hourPrice, watts])),
  ];
  const wrong = decimals.find((text) => !isDecimal(text));
  return wrong === undefined ? undefined : `"${wrong}" must be a decimal number that is not negative, with at most 9 digits before and after the point, e.g. "0.0425".`;
}

function sameList(one: PriceList, other: PriceList): boolean {
  return (
    one.currency === other.currency &&
    one.validFromMs === other.validFromMs &&
    one.cpuHourPrice === other.cpuHourPrice &&
    one.memoryGibHourPrice === other.memoryGibHourPrice &&
    one.energyKwhPrice === other.energyKwhPrice &&
    one.gridGco2ePerKwh === other.gridGco2ePerKwh &&
    one.gridRegion === other.gridRegion &&
    one.gridSource === other.gridSource &&
    one.cpuCoreWatts === other.cpuCoreWatts &&
    one.gpus.length === other.gpus.length &&
    one.gpus.every(({ model, hourPrice, watts }, at) => model === other.gpus[at]?.model && hourPrice === other.gpus[at].hourPrice && watts === other.gpus[at].watts)
  );
}
