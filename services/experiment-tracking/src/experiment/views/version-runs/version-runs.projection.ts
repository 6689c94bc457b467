import type { EventOf, registry } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { VersionRunRow } from './version-run.entity.js';

type Event = EventOf<
  | registry.ModelVersionCreated
  | registry.ModelRenamed
  | registry.ModelDeleted
  | registry.ModelRestored
  | registry.ModelVersionDeleted
  | registry.ModelVersionRestored
>;

/** Which run made a version of a registered model: the registry is not asked, the log says it. */
export class VersionRunsProjection implements Projection<Event> {
  readonly name = 'version-runs';
  readonly entities = [VersionRunRow];
  readonly types = [
    'cairn.registry.v1.ModelVersionCreated',
    'cairn.registry.v1.ModelRenamed',
    'cairn.registry.v1.ModelDeleted',
    'cairn.registry.v1.ModelRestored',
    'cairn.registry.v1.ModelVersionDeleted',
    'cairn.registry.v1.ModelVersionRestored',
  ] as const;

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    for (const recorded of events) await applyOne(recorded, manager);
  }
}

async function applyOne({ event, workspace }: Recorded<Event>, manager: EntityManager): Promise<void> {
  const { modelId } = event.data;
  switch (event.type) {
    case 'cairn.registry.v1.ModelVersionCreated': {
      const { version, modelName, runId } = event.data;
      const row = { modelId, version, workspace, modelName, runId: runId.replaceAll('-', '').toLowerCase(), deleted: false, modelDeleted: false };
      await manager.upsert(VersionRunRow, row, ['modelId', 'version']);
      return;
    }
    case 'cairn.registry.v1.ModelRenamed':
      await manager.update(VersionRunRow, { modelId }, { modelName: event.data.name });
      return;
    case 'cairn.registry.v1.ModelDeleted':
    case 'cairn.registry.v1.ModelRestored':
      await manager.update(VersionRunRow, { modelId }, { modelName: event.data.name, modelDeleted: event.type === 'cairn.registry.v1.ModelDeleted' });
      return;
    case 'cairn.registry.v1.ModelVersionDeleted':
    case 'cairn.registry.v1.ModelVersionRestored':
      await manager.update(VersionRunRow, { modelId, version: event.data.version }, { deleted: event.type === 'cairn.registry.v1.ModelVersionDeleted' });
      return;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
