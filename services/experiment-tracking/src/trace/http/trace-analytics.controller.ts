import type { CommandMeta } from '@cairn/kernel';
import { Fields, MlflowFilter, mlflowRoutesV3, pageToken } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, HttpCode, Inject, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { TraceObserver } from '../observe/trace-observer.js';
import { FilterCountsQuery } from '../views/trace-metrics/filter-counts.query.js';
import { npmiOf } from '../views/trace-metrics/npmi.js';
import { TraceMetricsQuery } from '../views/trace-metrics/trace-metrics.query.js';
import { convertMetricPoints, convertMetricsQuery, experimentIdsIn } from './convert-metrics.js';
import { convertTraceFilter } from './trace-filter.js';

/** MLflow REST: figures over many traces, version 3. The Overview of an experiment in MLflow's web UI is made of them. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutesV3('mlflow/traces'))
export class TraceAnalyticsController {
  constructor(
    @Inject(TraceObserver) private readonly observer: TraceObserver,
    @Inject(TraceMetricsQuery) private readonly metrics: TraceMetricsQuery,
    @Inject(FilterCountsQuery) private readonly counts: FilterCountsQuery,
  ) {}

  @Post('metrics')
  @HttpCode(200)
  async query(@Body() body: unknown, @Meta() { workspace }: CommandMeta): Promise<object> {
    const { metricName, ...question } = convertMetricsQuery(body, workspace);
    const { limit, offset, experimentIds } = question;
    await this.observer.observeExperiments(workspace, experimentIds);
    const points = await this.metrics.points(workspace, { ...question, limit: limit + 1 });
    return {
      ...convertMetricPoints(metricName, points.slice(0, limit)),
      ...(points.length > limit && { next_page_token: pageToken([offset + limit]) }),
    };
  }

  /** Where the figure is undefined it is left out. */
  @Post('calculate-filter-correlation')
  @HttpCode(200)
  async correlation(@Body() body: unknown, @Meta() { workspace }: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const experimentIds = experimentIdsIn(fields, workspace);
    const [first, second] = [convertTraceFilter(fields.text('filter_string1')), convertTraceFilter(fields.text('filter_string2'))];
    const base = convertTraceFilter(fields.optionalText('base_filter'));
    await this.observer.observeExperiments(workspace, experimentIds);
    const counts = await this.counts.count(workspace, { experimentIds, base, first, second });
    const npmi = npmiOf(counts);
    return {
      ...(npmi !== undefined && { npmi: npmi.npmi, npmi_smoothed: npmi.smoothed }),
      filter1_count: counts.first,
      filter2_count: counts.second,
      joint_count: counts.joint,
      total_count: counts.total,
    };
  }
}
