import { DomainError } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import type { FeatureView } from '../../feature-view/views/view-list/view-list.query.js';
import { entityKey } from '../entity-key.js';
import { OnlineViewQuery, type OnlineValues } from '../views/online-view/online-view.query.js';
import { AskedFeatures, type AskedBy, type AskedFeature } from './asked-features.js';
import { parseEntities, type Entities } from './entities.js';

/**
 * Feast's words. PRESENT: as the definition says, also where no row of the entity lies in the window and its default counts. NOT_FOUND: no row that was
 * known then names the entity, or nothing was materialised. OUTSIDE_MAX_AGE: older than the view's ttl. NULL_VALUE does not come about, since every feature has a default.
 */
export type ValueStatus = 'PRESENT' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE';

/** One list of values for all rows of the question. */
export interface AnsweredColumn {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly statuses: readonly ValueStatus[];
  /** RFC 3339: the moment as of which the values hold; that of 1970 where there is none. */
  readonly times: readonly string[];
}

export interface OnlineQuestion {
  readonly workspace: string;
  readonly asked: AskedBy;
  readonly entities: Readonly<Record<string, unknown>>;
  /** `view__feature` instead of `feature`. */
  readonly fullNames: boolean;
  /** RFC 3339: by it a value is too old. */
  readonly now: string;
}

export interface OnlineAnswer {
  readonly entities: Entities;
  readonly columns: readonly AnsweredColumn[];
}

/** Values of one answer. */
const MAX_VALUES = 1_000_000;
const NO_TIME = '1970-01-01T00:00:00Z';

@Injectable()
export class OnlineAnswers {
  constructor(
    @Inject(AskedFeatures) private readonly features: AskedFeatures,
    @Inject(OnlineViewQuery) private readonly online: OnlineViewQuery,
  ) {}

  /** Throws DomainError INVALID_ENTITIES, FEATURE_NAME_COLLISION, TOO_MANY_VALUES, ONLINE_VALUES_LOADING, and what AskedFeatures throws. */
  async answer({ workspace, asked, entities: given, fullNames, now }: OnlineQuestion): Promise<OnlineAnswer> {
    const entities = parseEntities(given);
    const features = await this.features.resolve(workspace, asked);
    checkNames(features, fullNames);
    checkEntities(features, entities);
    if (features.length * entities.rows > MAX_VALUES)
      throw new DomainError('TOO_MANY_VALUES', `${features.length} features of ${entities.rows} rows are more than ${MAX_VALUES} values; ask for them in parts.`, 'invalid');
    const looked = new Map<string, Promise<LookedUp>>();
    const columns = features.map(async (feature) => {
      const source = JSON.stringify([feature.view.viewId, feature.view.version, feature.entities]);
      const found = looked.get(source) ?? this.lookUp(feature, entities);
      looked.set(source, found);
      return columnOf(nameOf(feature, fullNames), feature, await found, now);
    });
    return { entities, columns: await Promise.all(columns) };
  }

  private async lookUp({ view, entities: names }: AskedFeature, { rows, texts }: Entities): Promise<LookedUp> {
    const lists = names.map((name) => texts.get(name) ?? []);
    const keys = Array.from({ length: rows }, (_, row) => entityKey(lists.map((list) => list[row] ?? '')));
    return { keys, values: await this.online.values(view.viewId, view.version, [...new Set(keys)]) };
  }
}

interface LookedUp {
  /** By row. */
  readonly keys: readonly string[];
  readonly values: OnlineValues | undefined;
}

function columnOf(name: string, { view, index }: AskedFeature, { keys, values }: LookedUp, now: string): AnsweredColumn {
  const time = values === undefined ? NO_TIME : values.until.replace('.000Z', 'Z');
  const tooOld = values !== undefined && isTooOld(view, values.until, now);
  const found = keys.map((key) => values?.byKey.get(key)?.[index]);
  return {
    name,
    values: found.map((value) => (tooOld ? null : (value ?? null))),
    statuses: found.map((value) => (value === undefined ? 'NOT_FOUND' : tooOld ? 'OUTSIDE_MAX_AGE' : 'PRESENT')),
    times: found.map((value) => (value === undefined ? NO_TIME : time)),
  };
}

function isTooOld({ ttlSeconds }: FeatureView, until: string, now: string): boolean {
  return ttlSeconds > 0n && Date.parse(now) - Date.parse(until) > Number(ttlSeconds) * 1_000;
}

function nameOf({ name, view }: AskedFeature, fullNames: boolean): string {
  return fullNames ? `${view.name}__${name}` : name;
}

function checkNames(features: readonly AskedFeature[], fullNames: boolean): void {
  const seen = new Set<string>();
  for (const feature of features) {
    const name = nameOf(feature, fullNames);
    if (seen.has(name)) throw new DomainError('FEATURE_NAME_COLLISION', `Two features are called ${name}; ask for each once, or with full_feature_names.`, 'invalid');
    seen.add(name);
  }
}

function checkEntities(features: readonly AskedFeature[], { given }: Entities): void {
  const needed = new Set(features.flatMap(({ entities }) => entities));
  const missing = [...needed].filter((name) => !given.has(name));
  const others = [...given.keys()].filter((name) => !needed.has(name));
  if (missing.length === 0 && others.length === 0) return;
  const wanted = needed.size === 0 ? 'no entities' : `the entities ${[...needed].join(', ')}`;
  throw new DomainError('INVALID_ENTITIES', `These features need ${wanted}, each with a list of keys and no others.`, 'invalid');
}
