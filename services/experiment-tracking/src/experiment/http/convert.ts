import { derivedId } from '@cairn/kernel';
import { type Fields, type FilterRules, filterTerms, invalidParameter, orderClause, parseFilter } from '@cairn/mlflow';
import { validKey } from '../../mlflow/keys.js';
import type { Tag } from '../domain/commands.js';
import type { ExperimentOrder, ExperimentTerm } from '../views/experiment-list/experiment-list.query.js';
import type { ExperimentRow } from '../views/experiment-list/experiment.entity.js';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const MAX_TAG_VALUE_LENGTH = 5_000;
const MAX_TAGS = 20;
/** MLflow's clients log into experiment 0 until somebody names another. */
export const DEFAULT_EXPERIMENT = { wireId: '0', name: 'Default' } as const;

/** Undefined when no experiment can have this id. */
export function convertExperimentId(wireId: string, workspace: string): string | undefined {
  if (wireId === DEFAULT_EXPERIMENT.wireId) return derivedId('default-experiment', workspace);
  return UUID.test(wireId) ? wireId.toLowerCase() : undefined;
}

export function convertExperiment({ experimentId, name, tags, deleted, creationTimeMs, lastUpdateTimeMs }: ExperimentRow) {
  return {
    experiment_id: experimentId,
    name,
    artifact_location: `mlflow-artifacts:/${experimentId}`,
    lifecycle_stage: deleted ? 'deleted' : 'active',
    last_update_time: Number(lastUpdateTimeMs),
    creation_time: Number(creationTimeMs),
    ...(tags.length > 0 && { tags }),
  };
}

export function convertExperimentTags(tags: readonly Fields[]): Tag[] {
  if (tags.length > MAX_TAGS) throw invalidParameter(`An experiment is created with at most ${MAX_TAGS} tags; these are ${tags.length}.`);
  return tags.map(convertExperimentTag);
}

export function convertExperimentTag(tag: Fields): Tag {
  const [key, value] = [validKey(tag.text('key'), 'key'), tag.optionalText('value') ?? ''];
  if (value.length > MAX_TAG_VALUE_LENGTH) throw invalidParameter(`The value of tag '${key}' exceeds the maximum length of ${MAX_TAG_VALUE_LENGTH} characters.`);
  return { key, value };
}

const orderColumns: Readonly<Record<string, ExperimentOrder[number]['column']>> = {
  name: 'name',
  experiment_id: 'experimentId',
  creation_time: 'creationTimeMs',
  last_update_time: 'lastUpdateTimeMs',
};

export function convertExperimentOrder(clauses: readonly string[]): ExperimentOrder {
  return clauses.map((text) => {
    const { kind, key, descending } = orderClause(text);
    const column = kind === '' || kind === 'attributes' || kind === 'attribute' ? orderColumns[key] : undefined;
    if (column === undefined) throw invalidParameter(`Invalid order_by clause '${text}': experiments are ordered by ${Object.keys(orderColumns).join(', ')}.`);
    return { column, descending };
  });
}

const filterRules: FilterRules<'name' | 'creation_time_ms' | 'last_update_time_ms', 'tag'> = {
  texts: { name: 'name' },
  numbers: { creation_time: 'creation_time_ms', last_update_time: 'last_update_time_ms' },
  keyed: { tags: 'tag', tag: 'tag' },
};

/** MLflow's grammar for experiments. Throws INVALID_PARAMETER_VALUE. */
export function convertExperimentFilter(filter: string | undefined): readonly ExperimentTerm[] {
  return filterTerms(parseFilter(filter), filterRules);
}
