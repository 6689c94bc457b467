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
    SELECT DISTINCT run_id, step, timestamp_ms, value FROM metric_chunk CROSS JOIN LATERAL unnest(timestamps_ms, steps, "values") AS point (timestamp_ms, step, value)
    WHERE run_id = ANY($1) AND key = $2 AND greatest_step BETWEEN $3 AND $6 AND step BETWEEN $3 AND $4
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

const POINTS_OF_CHUNK = 'CROSS JOIN LATERAL unnest(timestamps_ms, steps, "values") AS point (timestamp_ms, step, value)';
const OF_RUN = 'run_id = $1 AND key = $2';

/** Up to which step chunks have to end to be looked at: where the first one ends that ends at or after `$3`. */
const STEP_BOUND = `
  SELECT coalesce((SELECT greatest_step FROM metric_chunk WHERE run_id = ANY($1) AND key = $2 AND greatest_step >= $3 ORDER BY greatest_step LIMIT 1), $3) AS bound`;

/**
 * Of one run: a point at or after each of `$5` places, evenly from the least to the greatest step, each out of the first chunk that reaches so far; and the last point.
 * `$3` and `$4` bound the steps.
 */
const BY_STEP = `
  WITH bounds AS (
    SELECT (SELECT min(step) FROM (SELECT * FROM metric_chunk WHERE ${OF_RUN} AND greatest_step >= $3 ORDER BY greatest_step LIMIT 1) AS chunk ${POINTS_OF_CHUNK}
            WHERE step BETWEEN $3 AND $4)::numeric AS least,
           (SELECT max(step) FROM ((SELECT * FROM metric_chunk WHERE ${OF_RUN} AND greatest_step >= $4 ORDER BY greatest_step LIMIT 1)
              UNION ALL (SELECT * FROM metric_chunk WHERE ${OF_RUN} AND greatest_step < $4 ORDER BY greatest_step DESC LIMIT 1)) AS chunk ${POINTS_OF_CHUNK}
            WHERE step BETWEEN $3 AND $4)::numeric AS greatest
  ), found AS (
    SELECT point.* FROM bounds
    CROSS JOIN LATERAL (SELECT ceil(least + (greatest - least) * probe / greatest($5::int - 1, 1))::bigint AS place FROM generate_series(0, $5::int - 1) AS probe) AS probe
    CROSS JOIN LATERAL (SELECT * FROM metric_chunk WHERE ${OF_RUN} AND greatest_step >= place ORDER BY greatest_step LIMIT 1) AS chunk
    CROSS JOIN LATERAL (
      SELECT step, timestamp_ms, value FROM unnest(timestamps_ms, steps, "values") AS point (timestamp_ms, step, value)
      WHERE step >= place AND step <= $4 ORDER BY step, timestamp_ms, value LIMIT 1) AS point
    UNION
    SELECT last.* FROM bounds CROSS JOIN LATERAL (
      SELECT step, timestamp_ms, value
      FROM (SELECT * FROM metric_chunk WHERE ${OF_RUN} AND greatest_step >= greatest::bigint ORDER BY greatest_step LIMIT 1) AS chunk ${POINTS_OF_CHUNK}
      WHERE step = greatest::bigint ORDER BY timestamp_ms DESC, value DESC LIMIT 1) AS last
  )
  SELECT $1 AS run_id, step, timestamp_ms, value FROM found ORDER BY step, timestamp_ms, value`;

/** The same over time, for a whole history: the first point at or after a place is in the last chunk that begins before it, or else the next chunk begins with it. */
const BY_TIME = `
  WITH bounds AS (
    SELECT (SELECT first_ms FROM metric_chunk WHERE ${OF_RUN} ORDER BY first_ms, first_step LIMIT 1)::numeric AS least,
           (SELECT last_ms FROM metric_chunk WHERE ${OF_RUN} ORDER BY first_ms DESC, first_step DESC LIMIT 1)::numeric AS greatest
  ), found AS (
    SELECT point.* FROM bounds
    CROSS JOIN LATERAL (SELECT ceil(least + (greatest - least) * probe / greatest($3::int - 1, 1))::bigint AS place FROM generate_series(0, $3::int - 1) AS probe) AS probe
    CROSS JOIN LATERAL (
      SELECT step, timestamp_ms, value FROM ((SELECT * FROM metric_chunk WHERE ${OF_RUN} AND first_ms < place ORDER BY first_ms DESC, first_step DESC LIMIT 1)
        UNION ALL (SELECT * FROM metric_chunk WHERE ${OF_RUN} AND first_ms >= place ORDER BY first_ms, first_step LIMIT 1)) AS chunk ${POINTS_OF_CHUNK}
      WHERE timestamp_ms >= place ORDER BY timestamp_ms, step, value LIMIT 1) AS point
  )
  SELECT DISTINCT $1 AS run_id, step, timestamp_ms, value FROM found ORDER BY step, timestamp_ms, value`;

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
    const bound = await this.boundOf(runIds, key, from, to);
    const rows =
      bound === undefined ? await this.probe(request, from, to) : ((await this.dataSource.query(EXACT, [runIds, key, from, to, maxResults, bound])) as Row[]);
    return rows.map((row) => ({ runId: row.run_id, key, timestampMs: row.timestamp_ms, step: row.step, value: row.value }));
  }

  /**
   * Up to which step the chunks end whose points can all be looked at; undefined when they are too many. Short histories are looked at whole. Of a part of a long one, chunks count
   * only up to the first that ends behind the part: of several clients that log the same metric side by side, a chunk that ends later may be left out.
   */
  private async boundOf(runIds: readonly string[], key: string, from: string, to: string): Promise<string | undefined> {
    if (await this.isShort(runIds, key, LEAST, GREATEST)) return GREATEST;
    if (from === LEAST && to === GREATEST) return undefined;
    const [row] = (await this.dataSource.query(STEP_BOUND, [runIds, key, to])) as { bound: string }[];
    const bound = row?.bound ?? to;
    return (await this.isShort(runIds, key, from, bound)) ? bound : undefined;
  }

  private async isShort(runIds: readonly string[], key: string, from: string, to: string): Promise<boolean> {
    // Read only until there are too many.
    const tooMany: object[] = await this.dataSource.query(
      `SELECT FROM (SELECT sum(points) OVER (ROWS UNBOUNDED PRECEDING) AS upto FROM metric_chunk
                    WHERE run_id = ANY($1) AND key = $2 AND greatest_step BETWEEN $3 AND $4) AS counted WHERE upto > ${EXACT_POINTS} LIMIT 1`,
      [runIds, key, from, to],
    );
    return tooMany.length === 0;
  }

  /** A long history that keeps to few steps (whoever names no step logs at step 0) is spread over time instead. */
  private async probe({ runIds, key, steps, maxResults }: SampleRequest, from: string, to: string): Promise<Row[]> {
    const places = Math.max(2, Math.min(maxResults, Math.floor(MAX_PROBES / runIds.length)));
    const sampled: Row[] = [];
    for (const runId of runIds) {
      const byStep = (await this.dataSource.query(BY_STEP, [runId, key, from, to, places])) as Row[];
      const spread = steps === undefined && byStep.length * 2 < places;
      sampled.push(...(spread ? ((await this.dataSource.query(BY_TIME, [runId, key, places])) as Row[]) : byStep));
    }
    return sampled;
  }
}
