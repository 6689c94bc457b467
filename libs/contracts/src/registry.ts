import { createRegistry, type DescMessage } from '@bufbuild/protobuf';
import { file_cairn_catalog_v1_events } from './gen/cairn/catalog/v1/events_pb.js';
import { file_cairn_features_v1_events } from './gen/cairn/features/v1/events_pb.js';
import { file_cairn_lineage_v1_events } from './gen/cairn/lineage/v1/events_pb.js';
import { file_cairn_monitoring_v1_events } from './gen/cairn/monitoring/v1/events_pb.js';
import { file_cairn_registry_v1_events } from './gen/cairn/registry/v1/events_pb.js';
import { file_cairn_registry_v1_provenance } from './gen/cairn/registry/v1/provenance_pb.js';
import { file_cairn_scheduler_v1_events } from './gen/cairn/scheduler/v1/events_pb.js';
import { file_cairn_serving_v1_events } from './gen/cairn/serving/v1/events_pb.js';
import { file_cairn_tracking_v1_cost } from './gen/cairn/tracking/v1/cost_pb.js';
import { file_cairn_tracking_v1_events } from './gen/cairn/tracking/v1/events_pb.js';
import { file_cairn_tracking_v1_logged_model } from './gen/cairn/tracking/v1/logged_model_pb.js';
import { file_cairn_tracking_v1_trace } from './gen/cairn/tracking/v1/trace_pb.js';

const registry = createRegistry(
  file_cairn_catalog_v1_events,
  file_cairn_features_v1_events,
  file_cairn_lineage_v1_events,
  file_cairn_monitoring_v1_events,
  file_cairn_registry_v1_events,
  file_cairn_registry_v1_provenance,
  file_cairn_scheduler_v1_events,
  file_cairn_serving_v1_events,
  file_cairn_tracking_v1_cost,
  file_cairn_tracking_v1_events,
  file_cairn_tracking_v1_logged_model,
  file_cairn_tracking_v1_trace,
);

/** The message of a full type name, or undefined when no version of Cairn knows it. */
export function eventSchema(type: string): DescMessage | undefined {
  return registry.getMessage(type);
}

/** Full names of all messages that the definitions hold: events, and the parts of events. */
export function eventTypes(): readonly string[] {
  return [...registry].flatMap((described) => (described.kind === 'message' ? [described.typeName] : []));
}
