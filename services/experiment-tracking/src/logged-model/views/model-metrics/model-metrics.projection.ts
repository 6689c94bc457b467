import type { EventOf, tracking } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { LoggedModelMetricRow } from './model-metric.entity.js';

type Logged = EventOf<tracking.MetricsLogged>;

const KEY = 'model_id, key, run_id, dataset_name, dataset_digest';

/** The same last point that a run shows: by step, then time, then value. */
const UPSERT_LATEST = `
  INSERT INTO logged_model_metric AS latest (${KEY}, timestamp_ms, step, value)
  SELECT DISTINCT ON (${KEY}) ${KEY}, timestamp_ms, step, value
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::double precision[]) AS point (${KEY}, timestamp_ms, step, value)
  ORDER BY ${KEY}, step DESC, timestamp_ms DESC, value DESC
  ON CONFLICT (${KEY}) DO UPDATE SET timestamp_ms = excluded.timestamp_ms, step = excluded.step, value = excluded.value
  WHERE (excluded.step, excluded.timestamp_ms, excluded.value) > (latest.step, latest.timestamp_ms, latest.value)`;

/** What runs measured of logged models. The whole history of each metric is the run's. */
export class ModelMetricsProjection implements Projection<Logged> {
  readonly name = 'model-metrics';
  readonly entities = [LoggedModelMetricRow];
  readonly types = ['cairn.tracking.v1.MetricsLogged'] as const;

  async apply(events: readonly Recorded<Logged>[], manager: EntityManager): Promise<void> {
    const points = events.flatMap(({ event: { data } }) =>
      data.modelIds.flatMap((modelId, at) => {
        if (modelId === '') return [];
        const [key, dataset, digest] = [data.keys[at], data.datasetNames[at] ?? '', data.datasetDigests[at] ?? ''];
        return [[modelId, key, data.runId, dataset, digest, String(data.timestampsMs[at]), String(data.steps[at]), data.values[at]]];
      }),
    );
    if (points.length === 0) return;
    const columns = Array.from({ length: 8 }, (_, column) => points.map((point) => point[column]));
    await manager.query(UPSERT_LATEST, columns);
  }
}
