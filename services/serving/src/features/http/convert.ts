import { entitiesOf, type FeatureLookUp } from '../../deployment/domain/feature-look-up.js';

export type FeatureLookUpResponse = ReturnType<typeof convertLookUp>;

export function convertLookUp(lookUp: FeatureLookUp) {
  return {
    feature_service: lookUp.serviceName,
    version: lookUp.serviceVersion,
    entities: entitiesOf(lookUp),
    columns: lookUp.features.map(({ column, entities, defaultValue }) => ({ column, entities, ...(defaultValue !== undefined && { default_value: defaultValue }) })),
  };
}
