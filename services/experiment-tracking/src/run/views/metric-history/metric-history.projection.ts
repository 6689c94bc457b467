import { bigintArray, doubleArray, textArray } from '@cairn/event-store';
import type { EventOf, tracking } from '@cairn/contracts';
import { writeRows, type Projection, type Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { MetricPoint } from '../../domain/commands.js';
import { later } from '../../domain/latest-metric.js';
import { chunksOf, type MetricChunk } from './metric-chunks.js';
import { LatestMetricRow, MetricChunkRow } from './metric.entity.js';

type Logged = EventOf<tracking.MetricsLogged>;

/**
 * The points of all chunks are sent end to end, in three arrays, out of which each chunk takes its part: one statement, however many points. A chunk is what one event
 * says of one metric, never more, so that the rows are the same however the log is cut into batches.
 */
const WRITE_POINTS = {
  name: 'cairn_write_chunks',
  text: `
    WITH written AS (
      INSERT INTO metric_chunk (run_id, key, position, points, first_ms, first_step, last_ms, last_step, least_step, greatest_step, timestamps_ms, steps, "values")
      SELECT run_id, key, position, upto - before, ($7::bigint[])[before + 1], ($8::bigint[])[before + 1], ($7::bigint[])[upto], ($8::bigint[])[upto], least_step, greatest_step,
             ($7::bigint[])[before + 1 : upto], ($8::bigint[])[before + 1 : upto], ($9::double precision[])[before + 1 : upto]
      FROM (SELECT *, coalesce(lag(upto) OVER (ORDER BY ordinal), 0)::int AS before
            FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[]) WITH ORDINALITY
                 AS chunk (run_id, key, position, least_step, greatest_step, upto, ordinal)) AS chunk
    )
    INSERT INTO latest_metric AS latest (run_id, key, experiment_id, timestamp_ms, step, value)
    SELECT last.run_id, last.key, run.experiment_id, last.timestamp_ms, last.step, last.value
    FROM unnest($10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::double precision[]) AS last (run_id, key, timestamp_ms, step, value)
         LEFT JOIN run ON run.run_id = last.run_id
    ON CONFLICT (run_id, key) DO UPDATE SET timestamp_ms = excluded.timestamp_ms, step = excluded.step, value = excluded.value
    WHERE (excluded.step, excluded.timestamp_ms, excluded.value) > (latest.step, latest.timestamp_ms, latest.value)`,
};

interface Placed extends MetricChunk {
  readonly runId: string;
  readonly position: bigint;
}

/** Takes the experiments from the rows of the runs: its place is behind the projection that writes those. */
export class MetricHistoryProjection implements Projection<Logged> {
  readonly name = 'metric-history';
  readonly entities = [MetricChunkRow, LatestMetricRow];
  readonly types = ['cairn.tracking.v1.MetricsLogged'] as const;

  async apply(events: readonly Recorded<Logged>[], manager: EntityManager): Promise<void> {
    const chunks = events.flatMap(({ event: { data }, position }) => chunksOf(data).map((chunk): Placed => ({ ...chunk, runId: data.runId, position })));
    let upto = 0;
    const ends = chunks.map(({ values }) => (upto += values.length));
    const latest = latestOf(chunks);
    await writeRows(manager, WRITE_POINTS, [
      textArray(chunks.map(({ runId }) => runId)),
      textArray(chunks.map(({ key }) => key)),
      bigintArray(chunks.map(({ position }) => position)),
      bigintArray(chunks.map(({ leastStep }) => leastStep)),
      bigintArray(chunks.map(({ greatestStep }) => greatestStep)),
      ends,
      bigintArray(chunks.flatMap(({ timestampsMs }) => timestampsMs)),
      bigintArray(chunks.flatMap(({ steps }) => steps)),
      doubleArray(chunks.flatMap(({ values }) => values)),
      textArray(latest.map(({ runId }) => runId)),
      textArray(latest.map(({ key }) => key)),
      bigintArray(latest.map(({ timestampMs }) => timestampMs)),
      bigintArray(latest.map(({ step }) => step)),
      doubleArray(latest.map(({ value }) => value)),
    ]);
  }
}

/** One for each metric of each run: a statement changes a row once. */
function latestOf(chunks: readonly Placed[]): (MetricPoint & { readonly runId: string })[] {
  const found = new Map<string, MetricPoint & { readonly runId: string }>();
  for (const { runId, latest } of chunks) {
    const name = `${runId} ${latest.key}`;
    found.set(name, { ...later(found.get(name), latest), runId });
  }
  return [...found.values()];
}
