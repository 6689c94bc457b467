import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, limitOf, MlflowError, MlflowFilter, mlflowRoutes, pageToken, placeOf } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Controller, Get, Header, Inject, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { MetricHistoryQuery, type HistoryPlace } from '../views/metric-history/metric-history.query.js';
import { RunListQuery } from '../views/run-list/run-list.query.js';
import { convertRunId } from './run-id.js';

/** MLflow's own client asks for that many at a time. */
const MAX_RESULTS = { fallback: 25_000, max: 25_000 };

/** MLflow REST: all points of one metric, in pages. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/metrics'))
export class MetricsController {
  constructor(
    @Inject(MetricHistoryQuery) private readonly metrics: MetricHistoryQuery,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
  ) {}

  @Get('get-history')
  @Header('content-type', 'application/json; charset=utf-8')
  async history(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<string> {
    const fields = new Fields(query);
    const wireId = fields.text('run_id', 'run_uuid');
    const key = fields.text('metric_key');
    const limit = limitOf(fields.optionalInteger('max_results'), MAX_RESULTS);
    const after = convertPlace(fields.optionalText('page_token'));
    const runId = convertRunId(wireId);
    const run = runId === undefined ? null : await this.runs.findRun(meta.workspace, runId);
    if (run === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${wireId} not found`);
    const { points, count, next } = await this.metrics.page(run.runId, key, limit, { after });
    if (count === 0) return '{}';
    return `{"metrics":[${points}]${next === undefined ? '' : `,"next_page_token":${JSON.stringify(pageToken(next))}`}}`;
  }
}

function convertPlace(token: string | undefined): HistoryPlace | undefined {
  const place = placeOf(token, 5);
  if (place === undefined) return undefined;
  const [timestampMs = '', step = '', value = '', chunkMs = '', chunkStep = ''] = place;
  const number = Number(value);
  if (![timestampMs, step, chunkMs, chunkStep].every(isInteger) || value === '' || (Number.isNaN(number) && value !== 'NaN')) {
    throw invalidParameter('Invalid page token: this list did not give it out.');
  }
  // Written anew: the database refuses a double that is too large or too small for one, where JavaScript takes the nearest.
  return [timestampMs, step, String(number), chunkMs, chunkStep];
}

/** Of 64 bits. */
function isInteger(text: string): boolean {
  return /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}
