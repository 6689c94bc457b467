import { readRows, type Prepared } from '@cairn/read-model';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { LatestMetricRow } from './metric.entity.js';

/** Where a page of a history ended; the next one begins after it. The chunks that the next page needs begin at or after `chunkMs`, `chunkStep`. */
export type HistoryPlace = readonly [timestampMs: string, step: string, value: string, chunkMs: string, chunkStep: string];

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
  readonly next: [string, string, string, string, string] | null;
}

/** Of 64 bits. */
const GREATEST = '9223372036854775807';

const FIRST = pageStatement('first', { counted: '', chunk: '', point: '' });
const NEXT = pageStatement('next', {
  counted: 'AND (first_ms, first_step) > ($5::bigint, $6::bigint)',
  chunk: 'AND (first_ms, first_step) >= ($8::bigint, $9::bigint)',
  point: 'AND (timestamp_ms, step, value) > ($5::bigint, $6::bigint, $7::double precision)',
});

@Injectable()
export class MetricHistoryQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** By time, then step, then value. Of chunks whose times overlap a page may hold fewer points than asked for, and name a next one all the same; never none. */
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

/**
 * `reach` is where the first chunk begins before which enough points lie: what comes before it is in chunks that begin before it, so neither older nor newer chunks are read,
 * and one point more than asked for tells whether there are more. Without such a chunk the rest of the history is read.
 */
function pageStatement(name: string, after: { readonly counted: string; readonly chunk: string; readonly point: string }): Prepared {
  return {
    name: `cairn_history_${name}`,
    text: `
      WITH reach AS MATERIALIZED (
        SELECT first_ms, first_step FROM (
          SELECT first_ms, first_step, sum(points) OVER (chunks ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
                 lag((first_ms, first_step)) OVER chunks AS previous
          FROM metric_chunk WHERE run_id = $1 AND key = $2 ${after.counted} WINDOW chunks AS (ORDER BY first_ms, first_step, position)) AS chunk
        WHERE before > $3::int AND (first_ms, first_step) > previous LIMIT 1
      ), bound AS MATERIALIZED (
        SELECT first_ms AS ms, first_step AS step, 0 AS included FROM reach UNION ALL SELECT ${GREATEST}, ${GREATEST}, 1 LIMIT 1
      ), chunk AS (
        SELECT * FROM metric_chunk
        WHERE run_id = $1 AND key = $2 ${after.chunk} AND (first_ms, first_step, 0) < ((SELECT ms FROM bound), (SELECT step FROM bound), (SELECT included FROM bound))
      ), found AS (
        SELECT DISTINCT timestamp_ms, step, value FROM chunk CROSS JOIN LATERAL unnest(timestamps_ms, steps, "values") AS point (timestamp_ms, step, value)
        WHERE (timestamp_ms, step, 0) < ((SELECT ms FROM bound), (SELECT step FROM bound), (SELECT included FROM bound)) ${after.point}
        ORDER BY timestamp_ms, step, value LIMIT $3::int + 1
      ), numbered AS (
        SELECT *, row_number() OVER () AS number FROM found
      ), last AS (
        SELECT timestamp_ms, step, value FROM numbered WHERE number <= $3::int ORDER BY number DESC LIMIT 1
      ), text AS (
        SELECT '{' || $4::text || '"key":' || to_json($2::text)::text || ',"value":' AS head
      )
      SELECT string_agg(head || to_json(value)::text || ',"timestamp":' || timestamp_ms || ',"step":' || step || '}', ',' ORDER BY number)
               FILTER (WHERE number <= $3::int) AS points,
             count(*) FILTER (WHERE number <= $3::int)::int AS count,
             (SELECT array[last.timestamp_ms::text, last.step::text, last.value::text,
                           coalesce(open.first_ms, last.timestamp_ms)::text, coalesce(open.first_step, last.step)::text]
              FROM last LEFT JOIN LATERAL (
                SELECT first_ms, first_step FROM chunk WHERE (last_ms, last_step) >= (last.timestamp_ms, last.step) ORDER BY first_ms, first_step LIMIT 1) AS open ON true
              WHERE EXISTS (SELECT FROM numbered WHERE number > $3::int) OR EXISTS (SELECT FROM reach)) AS next
      FROM numbered, text`,
  };
}
