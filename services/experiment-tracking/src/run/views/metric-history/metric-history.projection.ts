import type { EventOf, tracking } from '@cairn/contracts';
import { writeRows, type Projection, type Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { LatestMetricRow, MetricRow } from './metric.entity.js';

type Logged = EventOf<tracking.MetricsLogged>;

/**
 * Sent as columns: one statement with five parameters, however many points. PostgreSQL takes NaN for the largest value; so does the domain when it judges a run.
 */
const WRITE_POINTS = {
  name: 'cairn_write_points',
  text: `
    WITH points AS (
      SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::double precision[]) AS point (run_id, key, timestamp_ms, step, value)
    ), written AS (
      INSERT INTO metric (run_id, key, timestamp_ms, step, value) SELECT * FROM points ON CONFLICT DO NOTHING
    )
    INSERT INTO latest_metric AS latest (run_id, key, timestamp_ms, step, value)
    SELECT DISTINCT ON (run_id, key) run_id, key, timestamp_ms, step, value FROM points
    ORDER BY run_id, key, step DESC, timestamp_ms DESC, value DESC
    ON CONFLICT (run_id, key) DO UPDATE SET timestamp_ms = excluded.timestamp_ms, step = excluded.step, value = excluded.value
    WHERE (excluded.step, excluded.timestamp_ms, excluded.value) > (latest.step, latest.timestamp_ms, latest.value)`,
};

export class MetricHistoryProjection implements Projection<Logged> {
  readonly name = 'metric-history';
  readonly entities = [MetricRow, LatestMetricRow];
  readonly types = ['cairn.tracking.v1.MetricsLogged'] as const;

  async apply(events: readonly Recorded<Logged>[], manager: EntityManager): Promise<void> {
    const columns = [
      events.flatMap(({ event: { data } }) => data.keys.map(() => data.runId)),
      events.flatMap(({ event: { data } }) => data.keys),
      events.flatMap(({ event: { data } }) => data.timestampsMs.map(String)),
      events.flatMap(({ event: { data } }) => data.steps.map(String)),
      events.flatMap(({ event: { data } }) => data.values),
    ];
    await writeRows(manager, WRITE_POINTS, columns);
  }
}
