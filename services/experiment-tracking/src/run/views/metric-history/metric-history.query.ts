import { readRows, type Prepared } from '@cairn/read-model';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { LatestMetricRow } from './metric.entity.js';

/** Where a page of a history ended; the next one begins after it. */
export type HistoryPlace = readonly [timestampMs: string, step: string, value: string];

export interface HistoryPage {
  /**
   * JSON objects with commas between them: `key`, `value`, `timestamp` (ms), `step`, and `run_id` where several runs were asked for. PostgreSQL writes them, NaN and the infinities
   * as text, because a page of 25,000 points would keep this process from answering others.
   */
  readonly points: string;
  readonly count: number;
  /** Where the page ended when more follows. */
  readonly next: HistoryPlace | undefined;
}

interface PageOptions {
  readonly after?: HistoryPlace | undefined;
  /** What each point begins with, e.g. `"run_id":"…",`. */
  readonly naming?: string;
}

interface PageRow {
  readonly points: string | null;
  readonly count: number;
  readonly next: [string, string, string] | null;
}

const FIRST = pageStatement('first', '');
const NEXT = pageStatement('next', 'AND (timestamp_ms, step, value) > ($5::bigint, $6::bigint, $7::double precision)');

@Injectable()
export class MetricHistoryQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** By time, then step, then value. */
  async page(runId: string, key: string, limit: number, { after, naming = '' }: PageOptions = {}): Promise<HistoryPage> {
    const [row] = await readRows<PageRow>(this.dataSource, after === undefined ? FIRST : NEXT, [runId, key, limit, naming, ...(after ?? [])]);
    return { points: row?.points ?? '', count: row?.count ?? 0, next: row?.next ?? undefined };
  }

  /** Of several runs, one after the other, until there are `limit`; each point names its run. */
  async histories(runIds: readonly string[], key: string, limit: number): Promise<string> {
    const found: string[] = [];
    let left = limit;
    for (const runId of runIds) {
      if (left <= 0) break;
      const { points, count } = await this.page(runId, key, left, { naming: `"run_id":"${runId}",` });
      if (count > 0) found.push(points);
      left -= count;
    }
    return found.join(',');
  }

  latest(runIds: readonly string[]): Promise<LatestMetricRow[]> {
    return this.dataSource.manager.find(LatestMetricRow, { where: { runId: In([...runIds]) }, order: { runId: 'ASC', key: 'ASC' } });
  }
}

/** One point more than asked for tells whether there are more. */
function pageStatement(name: string, after: string): Prepared {
  return {
    name: `cairn_history_${name}`,
    text: `
      WITH found AS (
        SELECT timestamp_ms, step, value FROM metric WHERE run_id = $1 AND key = $2 ${after} ORDER BY timestamp_ms, step, value LIMIT $3::int + 1
      ), numbered AS (
        SELECT *, row_number() OVER () AS number FROM found
      ), text AS (
        SELECT '{' || $4::text || '"key":' || to_json($2::text)::text || ',"value":' AS head
      )
      SELECT string_agg(head || to_json(value)::text || ',"timestamp":' || timestamp_ms || ',"step":' || step || '}', ',' ORDER BY number)
               FILTER (WHERE number <= $3::int) AS points,
             count(*) FILTER (WHERE number <= $3::int)::int AS count,
             (SELECT array[timestamp_ms::text, step::text, value::text] FROM numbered
              WHERE number = $3::int AND EXISTS (SELECT FROM numbered WHERE number > $3::int)) AS next
      FROM numbered, text`,
  };
}
