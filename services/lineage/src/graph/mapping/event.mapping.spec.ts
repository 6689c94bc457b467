import { catalog, decodeEvent, features, monitoring, registry, scheduler, serving, tracking } from '@cairn/contracts';
import { describe, expect, it } from 'vitest';
import { allTypes, mapEvent, type AnyEvent } from './event.mapping.js';

const files = [
  catalog.file_cairn_catalog_v1_events,
  features.file_cairn_features_v1_events,
  tracking.file_cairn_tracking_v1_cost,
  tracking.file_cairn_tracking_v1_events,
  tracking.file_cairn_tracking_v1_logged_model,
  tracking.file_cairn_tracking_v1_trace,
  scheduler.file_cairn_scheduler_v1_events,
  registry.file_cairn_registry_v1_events,
  registry.file_cairn_registry_v1_provenance,
  serving.file_cairn_serving_v1_events,
  monitoring.file_cairn_monitoring_v1_events,
];
/** A message that is no other's field is an event. */
const parts = new Set(files.flatMap((file) => file.messages).flatMap(({ fields }) => fields.flatMap(({ message }) => (message === undefined ? [] : [message.typeName]))));
const events = files.flatMap((file) => file.messages).map(({ typeName }) => typeName).filter((type) => !parts.has(type));

describe('mapEvent', () => {
  it('knows every event of every service', () => {
    expect([...allTypes].sort()).toEqual(events.sort());
  });

  it.each(events)('leaves a trace of %s, also when all of its fields are empty', (type) => {
    const { nodes, edges = [] } = mapEvent(decodeEvent<AnyEvent>(type, {}), 'default');
    expect(nodes.length).toBeGreaterThan(0);
    for (const { id, attributes } of nodes) {
      expect(id).toMatch(/^[a-z-]+:/);
      expect(JSON.parse(JSON.stringify(attributes))).toEqual(attributes);
    }
    for (const { from, to } of edges) expect(from).not.toEqual(to);
  });
});
