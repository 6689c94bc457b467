import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, limitOf, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Controller, Get, Header, Inject, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { MetricHistoryQuery } from '../views/metric-history/metric-history.query.js';
import { MetricSamplesQuery } from '../views/metric-history/metric-samples.query.js';
import { RunListQuery } from '../views/run-list/run-list.query.js';
import { convertRunMetric } from './convert.js';
import { convertRunId } from './run-id.js';

const MAX_RUNS = 100;
const MAX_POINTS = 25_000;
const MAX_SAMPLES = { fallback: 2_500, max: 2_500 };

/** MLflow REST: one metric of several runs, for plots. Runs that are not there have no points. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/metrics'))
export class BulkMetricsController {
  constructor(
    @Inject(MetricHistoryQuery) private readonly metrics: MetricHistoryQuery,
    @Inject(MetricSamplesQuery) private readonly samples: MetricSamplesQuery,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
  ) {}

  /** All points, run by run in the order of their ids, up to a limit over all runs. */
  @Get('get-history-bulk')
  @Header('content-type', 'application/json; charset=utf-8')
  async histories(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<string> {
    const fields = new Fields(query);
    const runIds = (await this.runIds(fields, 'run_id', meta)).sort();
    const key = fields.text('metric_key');
    const limit = Math.min(limitOf(fields.optionalInteger('max_results'), { fallback: MAX_POINTS, max: Number.MAX_SAFE_INTEGER }), MAX_POINTS);
    return `{"metrics":[${await this.metrics.histories(runIds, key, limit)}]}`;
  }

  /** A sample per run, evenly over the steps. */
  @Get('get-history-bulk-interval')
  async interval(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(query);
    const key = fields.text('metric_key');
    const maxResults = limitOf(fields.optionalInteger('max_results'), MAX_SAMPLES);
    const steps = stepsOf(fields);
    const runIds = await this.runIds(fields, 'run_ids', meta);
    if (runIds.length === 0) return {};
    const sampled = await this.samples.sample({ runIds, key, steps, maxResults });
    return sampled.length === 0 ? {} : { metrics: sampled.map(convertRunMetric) };
  }

  private async runIds(fields: Fields, name: string, { workspace }: CommandMeta): Promise<string[]> {
    const asked = fields.texts(name);
    if (asked.length === 0) throw invalidParameter(`The request must specify at least one ${name.replace(/s$/, '')}.`);
    if (asked.length > MAX_RUNS) throw invalidParameter(`The request cannot specify more than ${MAX_RUNS} run_ids. Received ${asked.length} run_ids.`);
    return this.runs.existing(workspace, [...new Set(asked.flatMap((wireId) => convertRunId(wireId) ?? []))]);
  }
}

function stepsOf(fields: Fields): readonly [number, number] | undefined {
  const [from, to] = [fields.optionalInteger('start_step'), fields.optionalInteger('end_step')];
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined) throw invalidParameter('If either start step or end step are specified, both must be specified.');
  if (from > to) throw invalidParameter(`end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`);
  return [from, to];
}
