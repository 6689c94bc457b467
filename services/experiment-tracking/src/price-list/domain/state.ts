import type { EventOf, tracking } from '@cairn/contracts';
import type { PriceList } from './commands.js';

export type PriceListEvent = EventOf<tracking.PriceListDeclared>;

/** The version that was declared last; 0 and none before the first. */
export interface PriceListState {
  readonly version: number;
  readonly last?: PriceList;
}

export function evolve(_: PriceListState, { data }: PriceListEvent): PriceListState {
  const { version, ...last } = data;
  return { version, last };
}
