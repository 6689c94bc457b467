import type { OnlineView } from '../build/materialise-view.js';

export function convertOnlineView({ view, online }: OnlineView) {
  const { name, version } = view;
  const ttl = { ttl_seconds: Number(view.ttlSeconds) };
  if (online === null) return { view: name, version, ...ttl, until: null };
  return {
    view: name,
    version,
    ...ttl,
    until: online.until,
    materialisation_id: online.materialisationId,
    digest: online.digest,
    size_bytes: Number(online.sizeBytes),
    row_count: Number(online.rowCount),
    entity_count: Number(online.entityCount),
    dataset_version_ids: online.datasetVersionIds,
    entity_columns: online.entityColumns,
    features: online.features,
    materialised_at: online.materialisedAt,
  };
}
