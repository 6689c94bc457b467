import { type Fields, invalidParameter } from '@cairn/mlflow';
import type { VersionRow } from '../../model-version/views/version-list/version.entity.js';
import { convertMlflowVersion } from '../../model-version/http/convert.js';
import type { Tag } from '../domain/commands.js';
import type { AliasRow, GatePolicyRow, ModelRow } from '../views/model-list/model.entity.js';

const MAX_TAGS = 20;
/** Twenty of these still fit into one event. */
const MAX_TAG_BYTES = 30_000;

export function convertTags(tags: readonly Fields[]): Tag[] {
  const converted = tags.map((tag) => ({ key: tag.text('key'), value: tag.optionalText('value') ?? '' }));
  if (converted.length > MAX_TAGS || Buffer.byteLength(JSON.stringify(converted)) > MAX_TAG_BYTES) {
    throw invalidParameter(`At most ${MAX_TAGS} tags with ${MAX_TAG_BYTES} bytes in all come with a creation.`);
  }
  return converted;
}

/** As MLflow shows a registered model. Without stages its latest version is the newest one. */
export function convertMlflowModel(model: ModelRow, latest: VersionRow | undefined, aliases: readonly AliasRow[]) {
  return {
    name: model.name,
    creation_timestamp: Number(model.creationTimeMs),
    last_updated_timestamp: Number(model.lastUpdateTimeMs),
    ...(model.description !== '' && { description: model.description }),
    ...(latest !== undefined && { latest_versions: [convertMlflowVersion(latest, [])] }),
    ...(model.tags.length > 0 && { tags: model.tags }),
    ...(aliases.length > 0 && { aliases: aliases.map(({ alias, version }) => ({ alias, version: String(version) })) }),
  };
}

export function convertModel({ modelId, name, description, creationTimeMs }: ModelRow) {
  return { model_id: modelId, name, description, created_at_ms: Number(creationTimeMs) };
}

export function convertModelCard(model: ModelRow, aliases: readonly AliasRow[], policies: readonly GatePolicyRow[]) {
  return {
    ...convertModel(model),
    aliases: aliases.map(({ alias, versionId, version, movedAt }) => ({ alias, version_id: versionId, version, moved_at: movedAt })),
    gates: policies.map(({ alias, gates }) => ({ alias, gates })),
  };
}
