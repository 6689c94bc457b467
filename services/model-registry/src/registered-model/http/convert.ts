import { type Fields, invalidParameter } from '@cairn/mlflow';
import type { VersionRow } from '../../model-version/views/version-list/version.entity.js';
import { convertMlflowVersion } from '../../model-version/http/convert.js';
import type { Budget, Tag } from '../domain/commands.js';
import type { BudgetDto } from './declare-gates.dto.js';
import { convertTarget } from './convert-target.js';
import type { AliasRow, GatePolicyRow, ModelRow } from '../views/model-list/model.entity.js';

const MAX_TAGS = 20;
/** Twenty of these still fit into one event. */
const MAX_TAG_BYTES = 30_000;

export const MAX_DESCRIPTION_LENGTH = 5_000;

/** Empty when absent; throws INVALID_PARAMETER_VALUE for one that no event could hold beside its neighbours. */
export function shortText(fields: Fields, name: string, maxLength: number): string {
  const text = fields.optionalText(name) ?? '';
  if (text.length > maxLength) throw invalidParameter(`Invalid value for parameter '${name}' supplied: it has ${text.length} characters, more than ${maxLength}.`);
  return text;
}

export function convertTags(tags: readonly Fields[]): Tag[] {
  const converted = tags.map((tag) => ({ key: tag.text('key'), value: tag.optionalText('value') ?? '' }));
  if (converted.length > MAX_TAGS || Buffer.byteLength(JSON.stringify(converted)) > MAX_TAG_BYTES) {
    throw invalidParameter(`At most ${MAX_TAGS} tags with ${MAX_TAG_BYTES} bytes in all come with a creation.`);
  }
  return converted;
}

/** As MLflow shows a registered model, with the newest version of each stage. */
export function convertMlflowModel(model: ModelRow, latest: readonly VersionRow[], aliases: readonly AliasRow[]) {
  return {
    name: model.name,
    creation_timestamp: Number(model.creationTimeMs),
    last_updated_timestamp: Number(model.lastUpdateTimeMs),
    ...(model.description !== '' && { description: model.description }),
    ...(latest.length > 0 && { latest_versions: latest.map((version) => convertMlflowVersion(version, [])) }),
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
    gates: policies.map(({ alias, gates, budget }) => ({ ...convertTarget(alias), gates, ...(Object.keys(budget).length > 0 && { budget }) })),
  };
}

export function convertDeletedModel({ modelId, name, deletedAt }: ModelRow) {
  return { model_id: modelId, name, deleted_at: deletedAt };
}

export function convertBudget({ max_size_bytes, max_p99_latency_ms, min_requests }: BudgetDto): Budget {
  return { maxSizeBytes: BigInt(max_size_bytes ?? 0), maxP99LatencyMs: max_p99_latency_ms ?? 0, minRequests: BigInt(min_requests ?? 0) };
}
