import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { LatestMetricRow, MetricRow } from './metric.entity.js';

/** Where a page of a history ended; the next one begins after it. */
export type HistoryPlace = readonly [timestampMs: string, step: string, value: string];

@Injectable()
export class MetricHistoryQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** By time, then step, then value. */
  history(runId: string, key: string, limit: number, after?: HistoryPlace): Promise<MetricRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(MetricRow, 'metric').where({ runId, key });
    if (after !== undefined) {
      const [timestampMs, step, value] = after;
      query.andWhere('(metric.timestamp_ms, metric.step, metric.value) > (:timestampMs::bigint, :step::bigint, :value::double precision)', { timestampMs, step, value });
    }
    return query.orderBy({ 'metric.timestamp_ms': 'ASC', 'metric.step': 'ASC', 'metric.value': 'ASC' }).limit(limit).getMany();
  }

  /** Of several runs, one after the other, until there are `limit`. */
  async histories(runIds: readonly string[], key: string, limit: number): Promise<MetricRow[]> {
    const found: MetricRow[] = [];
    for (const runId of runIds) {
      if (found.length >= limit) break;
      found.push(...(await this.history(runId, key, limit - found.length)));
    }
    return found;
  }

  latest(runIds: readonly string[]): Promise<LatestMetricRow[]> {
    return this.dataSource.manager.find(LatestMetricRow, { where: { runId: In([...runIds]) }, order: { runId: 'ASC', key: 'ASC' } });
  }
}
