import { DomainError, type CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { convertExperimentId } from '../../experiment/http/convert.js';
import { ExperimentListQuery } from '../../experiment/views/experiment-list/experiment-list.query.js';
import { sumOf, type Figure } from '../domain/cost.js';
import { textOfMicros } from '../domain/rounding.js';
import { ObservedRunsQuery } from '../views/resource-figures/observed-runs.query.js';
import { totalsJson } from './convert.js';
import { RunCosts, type PricedRun } from './run-costs.js';

/** Runs that are read together, so that an experiment of many never lies in memory as a whole. */
const BATCH = 500;
const MAX_RUNS = 10_000;

interface Totals extends Omit<ReturnType<typeof totalsJson>, 'money'> {
  readonly experiment_id: string;
  readonly runs: number;
  /** One for each currency of the lists that were in force. */
  readonly money: readonly { readonly amount: string; readonly currency: string; readonly label: string }[];
  /** Runs of which a part has no figure: what they add is not in the totals. */
  readonly runs_without_money: number;
  readonly runs_without_energy: number;
}

@ApiTags('cost')
@Controller('tracking/v1/experiments/:experimentId/cost')
export class ExperimentCostController {
  constructor(
    @Inject(ExperimentListQuery) private readonly experiments: ExperimentListQuery,
    @Inject(ObservedRunsQuery) private readonly runs: ObservedRunsQuery,
    @Inject(RunCosts) private readonly costs: RunCosts,
  ) {}

  @ApiOperation({
    summary: 'What the runs of an experiment cost that have ended and were not deleted',
    description: `Sums of what the runs answer, each labelled as its weakest part. At most ${MAX_RUNS} runs; an experiment with more is refused.`,
  })
  @Get()
  async cost(@Param('experimentId') wireId: string, @Meta() { workspace }: CommandMeta): Promise<Totals> {
    const experimentId = convertExperimentId(wireId, workspace);
    const row = experimentId === undefined ? null : await this.experiments.find(workspace, experimentId);
    if (row === null) throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the id ${wireId}.`, 'missing');
    return totalsOf(row.experimentId, await this.all(workspace, row.experimentId));
  }

  private async all(workspace: string, experimentId: string): Promise<PricedRun[]> {
    const priced: PricedRun[] = [];
    for (let after = ''; ; ) {
      const runs = await this.runs.ended(workspace, experimentId, BATCH, after);
      priced.push(...(await this.costs.of(workspace, runs)));
      const last = runs.at(-1);
      if (last === undefined || runs.length < BATCH) return priced;
      if (priced.length >= MAX_RUNS) throw new DomainError('TOO_MANY_RUNS', `The experiment has more than ${MAX_RUNS} runs: ask for the cost of its runs.`, 'invalid');
      after = last.runId;
    }
  }
}

function totalsOf(experimentId: string, priced: readonly PricedRun[]): Totals {
  const figures = (of: (run: PricedRun) => Figure | undefined): Figure[] => priced.flatMap((run) => of(run) ?? []);
  const physical = totalsJson(
    { gpuMs: sumOf(figures(({ cost }) => cost.gpuMs)), energyMwh: sumOf(figures(({ cost }) => cost.energyMwh)), carbonMg: sumOf(figures(({ cost }) => cost.carbonMg)) },
    undefined,
  );
  const currencies = [...new Set(priced.flatMap(({ prices }) => prices?.currency ?? []))].sort();
  const money = currencies.flatMap((currency) => {
    const sum = sumOf(figures(({ cost, prices }) => (prices?.currency === currency ? cost.moneyMicros : undefined)));
    return sum === undefined ? [] : [{ amount: textOfMicros(sum.amount), currency, label: sum.label }];
  });
  return {
    experiment_id: experimentId,
    runs: priced.length,
    ...physical,
    money,
    runs_without_money: priced.filter(({ cost }) => cost.moneyMicros === undefined).length,
    runs_without_energy: priced.filter(({ cost }) => cost.energyMwh === undefined).length,
  };
}
