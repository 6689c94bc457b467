import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A point as PostgreSQL writes it: 64-bit integers are texts. */
export interface SampledPoint {
  readonly runId: string;
  readonly key: string;
  readonly timestampMs: string;
  readonly step: string;
  readonly value: number;
}

export interface SampleRequest {
  readonly runIds: readonly string[];
  readonly key: string;
  /** Both included. */
  readonly steps?: readonly [from: number, to: number] | undefined;
  /** Per run. */
  readonly maxResults: number;
}

/** Up to so many points of all runs together, each is looked at, and the sample is MLflow's. */
const EXACT_POINTS = 200_000;
/** Above, so many places of all runs together are looked up, each in an index. */
const MAX_PROBES = 100_000;

const LEAST = '-9223372036854775808';
const GREATEST = '9223372036854775807';

/**
 * MLflow's sample: of all steps that any of the runs has, every (n / max)th; in each run also its own first and last step; all points of these steps. A run that
 * has more points of them than were asked for (many points of one step) is thinned out by row in the same way.
 */
const EXACT = `
  WITH point AS MATERIALIZED (
    SELECT run_id, step, timestamp_ms, value FROM metric WHERE run_id = ANY($1) AND key = $2 AND step BETWEEN $3 AND $4
  ), step AS (
    SELECT step, row_number() OVER (ORDER BY step) - 1 AS place, count(*) OVER () AS total FROM (SELECT DISTINCT step FROM point) AS steps
  ), sampled AS (
    SELECT step FROM step WHERE total <= $5 OR ((place * $5 + total - 1) / total) * total < (place + 1) * $5
  ), chosen AS (
    SELECT point.*, row_number() OVER (PARTITION BY run_id ORDER BY step, timestamp_ms, value) - 1 AS place, count(*) OVER (PARTITION BY run_id) AS total
    FROM (SELECT *, min(step) OVER (PARTITION BY run_id) AS least, max(step) OVER (PARTITION BY run_id) AS greatest FROM point) AS point
    WHERE step IN (SELECT step FROM sampled) OR step = least OR step = greatest
  )
  SELECT run_id, step, timestamp_ms, value FROM chosen
  WHERE total <= $5 + 2 OR place = 0 OR place = total - 1 OR ((place * $5 + total - 1) / total) * total < (place + 1) * $5
  ORDER BY array_position($1, run_id), step, timestamp_ms, value`;

/** Of one run: the first point at or after each of `$5` places, evenly from the least to the greatest, and the last point. `$3` and `$4` bound the steps. */
const probes = (axis: 'step' | 'timestamp_ms', then: string): string => `
  WITH bounds AS (
    SELECT (SELECT min(${axis}) FROM metric WHERE run_id = $1 AND key = $2 AND step BETWEEN $3 AND $4)::numeric AS least,
           (SELECT max(${axis}) FROM metric WHERE run_id = $1 AND key = $2 AND step BETWEEN $3 AND $4)::numeric AS greatest
  ), found AS (
    SELECT point.* FROM bounds CROSS JOIN generate_series(0, $5::int - 1) AS probe CROSS JOIN LATERAL (
      SELECT step, timestamp_ms, value FROM metric
      WHERE run_id = $1 AND key = $2 AND step BETWEEN $3 AND $4 AND ${axis} >= ceil(least + (greatest - least) * probe / greatest($5::int - 1, 1))::bigint
      ORDER BY ${axis}, ${then} LIMIT 1
    ) AS point
    UNION
    SELECT last.* FROM bounds CROSS JOIN LATERAL (
      SELECT step, timestamp_ms, value FROM metric WHERE run_id = $1 AND key = $2 AND step BETWEEN $3 AND $4 AND ${axis} = greatest::bigint
      ORDER BY ${then.split(', ').map((column) => `${column} DESC`).join(', ')} LIMIT 1
    ) AS last
  )
  SELECT $1 AS run_id, step, timestamp_ms, value FROM found ORDER BY step, timestamp_ms, value`;

const BY_STEP = probes('step', 'timestamp_ms, value');
const BY_TIME = probes('timestamp_ms', 'step, value');

interface Row {
  readonly run_id: string;
  readonly step: string;
  readonly timestamp_ms: string;
  readonly value: number;
}

/** Samples of histories for plots. What it costs depends on how much is asked for, not on how long the histories are. */
@Injectable()
export class MetricSamplesQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** In the order of the runs, then by step, time and value. */
  async sample(request: SampleRequest): Promise<SampledPoint[]> {
    const { runIds, key, steps, maxResults } = request;
    const [from, to] = steps === undefined ? [LEAST, GREATEST] : [String(steps[0]), String(steps[1])];
    const rows = (await this.isShort(runIds, key, from, to))
      ? ((await this.dataSource.query(EXACT, [runIds, key, from, to, maxResults])) as Row[])
      : await this.probe(request, from, to);
    return rows.map((row) => ({ runId: row.run_id, key, timestampMs: row.timestamp_ms, step: row.step, value: row.value }));
  }

  private async isShort(runIds: readonly string[], key: string, from: string, to: string): Promise<boolean> {
    const [row] = (await this.dataSource.query(
      `SELECT count(*)::int AS points FROM (SELECT FROM metric WHERE run_id = ANY($1) AND key = $2 AND step BETWEEN $3 AND $4 LIMIT ${EXACT_POINTS + 1}) AS first`,
      [runIds, key, from, to],
    )) as { points: number }[];
    return (row?.points ?? 0) <= EXACT_POINTS;
  }

  /** A long history that keeps to few steps (whoever names no step logs at step 0) is spread over time instead. */
  private async probe({ runIds, key, steps, maxResults }: SampleRequest, from: string, to: string): Promise<Row[]> {
    const places = Math.max(2, Math.min(maxResults, Math.floor(MAX_PROBES / runIds.length)));
    const sampled: Row[] = [];
    for (const runId of runIds) {
      const parameters = [runId, key, from, to, places];
      const byStep = (await this.dataSource.query(BY_STEP, parameters)) as Row[];
      const spread = steps === undefined && byStep.length * 2 < places;
      sampled.push(...(spread ? ((await this.dataSource.query(BY_TIME, parameters)) as Row[]) : byStep));
    }
    return sampled;
  }
}
