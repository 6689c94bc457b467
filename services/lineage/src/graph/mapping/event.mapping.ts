import { catalogTypes, mapCatalog, type CatalogEvent } from './catalog.mapping.js';
import { featuresTypes, mapFeatures, type FeaturesEvent } from './features.mapping.js';
import type { GraphChange } from './graph-change.js';
import { loggedModelTypes, mapLoggedModel, type LoggedModelEvent } from './logged-model.mapping.js';
import { mapMonitoring, monitoringTypes, type MonitoringEvent } from './monitoring.mapping.js';
import { mapRegistry, registryTypes, type RegistryEvent } from './registry.mapping.js';
import { mapScheduler, schedulerTypes, type SchedulerEvent } from './scheduler.mapping.js';
import { mapServing, servingTypes, type ServingEvent } from './serving.mapping.js';
import { mapTrace, traceTypes, type TraceLogEvent } from './trace.mapping.js';
import { mapTracking, trackingTypes, type TrackingEvent } from './tracking.mapping.js';

export type AnyEvent = CatalogEvent | FeaturesEvent | TrackingEvent | LoggedModelEvent | TraceLogEvent | SchedulerEvent | RegistryEvent | ServingEvent | MonitoringEvent;

/** All events of all services: the graph leaves nothing out. */
export const allTypes: readonly AnyEvent['type'][] = [
  ...typesOf(catalogTypes),
  ...typesOf(featuresTypes),
  ...typesOf(trackingTypes),
  ...typesOf(loggedModelTypes),
  ...typesOf(traceTypes),
  ...typesOf(schedulerTypes),
  ...typesOf(registryTypes),
  ...typesOf(servingTypes),
  ...typesOf(monitoringTypes),
];

/** What an event changes in the graph. Pure: the same log gives the same graph. */
export function mapEvent(event: AnyEvent, workspace: string): GraphChange {
  if (isOf<CatalogEvent>(catalogTypes, event)) return mapCatalog(event, workspace);
  if (isOf<FeaturesEvent>(featuresTypes, event)) return mapFeatures(event, workspace);
  if (isOf<TrackingEvent>(trackingTypes, event)) return mapTracking(event, workspace);
  if (isOf<LoggedModelEvent>(loggedModelTypes, event)) return mapLoggedModel(event);
  if (isOf<TraceLogEvent>(traceTypes, event)) return mapTrace(event, workspace);
  if (isOf<SchedulerEvent>(schedulerTypes, event)) return mapScheduler(event, workspace);
  if (isOf<RegistryEvent>(registryTypes, event)) return mapRegistry(event, workspace);
  if (isOf<ServingEvent>(servingTypes, event)) return mapServing(event, workspace);
  if (isOf<MonitoringEvent>(monitoringTypes, event)) return mapMonitoring(event, workspace);
  const unhandled: never = event;
  return unhandled;
}

function isOf<Event extends AnyEvent>(types: Readonly<Record<Event['type'], true>>, event: AnyEvent): event is Event {
  return event.type in types;
}

function typesOf<Type extends string>(types: Readonly<Record<Type, true>>): Type[] {
  return Object.keys(types) as Type[];
}
