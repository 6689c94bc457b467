/** What a request that names entities is filled with. */
export interface FeatureLookUp {
  readonly serviceId: string;
  readonly serviceName: string;
  readonly serviceVersion: number;
  /** In the order of the service. */
  readonly features: readonly LookedUpFeature[];
}

export interface LookedUpFeature {
  /** Name of the column in the model's inputs. */
  readonly column: string;
  /** Names of the tensors that carry the entity's key. */
  readonly entities: readonly string[];
  /** Where the entity is not known; undefined: the request is refused. */
  readonly defaultValue: number | undefined;
}

export const MAX_LOOKED_UP = 1_000;

/** Why it can't be; undefined when it can. */
export function lookUpProblem({ serviceName, features }: FeatureLookUp, defaults: readonly { readonly column: string; readonly value: number }[]): string | undefined {
  if (features.length === 0) return `All features of ${serviceName} come with the request: there is nothing to look up.`;
  if (features.length > MAX_LOOKED_UP) return `${serviceName} has ${features.length} features to look up; ${MAX_LOOKED_UP} can be.`;
  const unkeyed = features.find(({ entities }) => entities.length === 0);
  if (unkeyed !== undefined) return `Feature ${unkeyed.column} has no entity: a request could not ask for it.`;
  const stray = defaults.find(({ column }) => !features.some((feature) => feature.column === column));
  if (stray !== undefined) return `There is a default for ${stray.column}, which is not looked up.`;
  if (new Set(defaults.map(({ column }) => column)).size < defaults.length) return 'A column has two defaults.';
  return defaults.every(({ value }) => Number.isFinite(value)) ? undefined : 'A default must be a finite number.';
}

/** Names of the entities, each once, in the order of the features. */
export function entitiesOf({ features }: Pick<FeatureLookUp, 'features'>): readonly string[] {
  return [...new Set(features.flatMap(({ entities }) => entities))];
}
