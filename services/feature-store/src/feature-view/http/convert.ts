import type { FeatureView } from '../views/view-list/view-list.query.js';
import type { Definition } from '../domain/commands.js';
import type { DefineViewDto } from './define-view.dto.js';

export function convertDefinition(viewId: string, dto: DefineViewDto): Definition {
  return {
    viewId,
    name: dto.name,
    datasetName: dto.dataset_name,
    entityColumns: dto.entity_columns,
    eventTime: dto.event_time,
    knownTime: dto.known_time,
    description: dto.description ?? '',
    ttlSeconds: BigInt(dto.ttl_seconds ?? 0),
    features: dto.features.map((feature) => ({
      name: feature.name,
      kind: feature.kind,
      expression: feature.expression,
      aggregation: feature.kind === 'window' ? (feature.aggregation ?? '') : '',
      windowSeconds: BigInt(feature.kind === 'window' ? (feature.window_seconds ?? 0) : 0),
      unit: feature.unit ?? '',
      description: feature.description ?? '',
      knownTime: feature.kind === 'row' ? (feature.known_time ?? '') : '',
      defaultValue: feature.default_value ?? 0,
    })),
  };
}

export function convertView(view: FeatureView) {
  return {
    view_id: view.viewId,
    name: view.name,
    version: view.version,
    dataset_name: view.datasetName,
    entity_columns: view.entityColumns,
    event_time: view.eventTime,
    known_time: view.knownTime,
    description: view.description,
    ttl_seconds: Number(view.ttlSeconds),
    features: view.features.map((feature) => ({
      name: feature.name,
      kind: feature.kind,
      expression: feature.expression,
      aggregation: feature.aggregation,
      window_seconds: Number(feature.windowSeconds),
      unit: feature.unit,
      description: feature.description,
      known_time: feature.knownTime,
      default_value: feature.defaultValue,
    })),
  };
}
