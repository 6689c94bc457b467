import { Inject, Injectable } from '@nestjs/common';
import { readPriceList } from '../../price-list/http/convert.js';
import type { PriceListEvent } from '../../price-list/domain/state.js';
import { PriceListsQuery } from '../../price-list/views/price-lists/price-lists.query.js';
import { costOf, type Cost } from '../domain/cost.js';
import { usageOf } from '../domain/usage.js';
import { ObservedRunsQuery, type TimedRun } from '../views/resource-figures/observed-runs.query.js';
import { convertPrices } from './convert.js';

export interface PricedRun {
  readonly cost: Cost;
  readonly prices: PriceListEvent['data'] | undefined;
}

/** Puts what runs used together with the prices in force when each of them ended. */
@Injectable()
export class RunCosts {
  constructor(
    @Inject(ObservedRunsQuery) private readonly observed: ObservedRunsQuery,
    @Inject(PriceListsQuery) private readonly lists: PriceListsQuery,
  ) {}

  /** In the order of the runs. */
  async of(workspace: string, runs: readonly TimedRun[]): Promise<PricedRun[]> {
    const observed = await this.observed.observe(runs);
    const lists = await this.lists.all(workspace);
    return runs.map(({ runId, endMs }) => {
      const row = lists.find(({ validFromMs }) => Number(validFromMs) <= endMs);
      const prices = row === undefined ? undefined : readPriceList(row);
      const run = observed.get(runId);
      return { cost: costOf(run === undefined ? [] : usageOf(run), prices === undefined ? undefined : convertPrices(prices)), prices };
    });
  }
}
