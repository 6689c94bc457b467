import type { EntityManager } from 'typeorm';
import type { RegisteredModelEvent } from '../../../registered-model/domain/state.js';
import { VersionRow } from './version.entity.js';

/** What a model's own stream says about its versions. */
export type LifecycleEvent = Extract<
  RegisteredModelEvent,
  {
    type:
      | 'cairn.registry.v1.ModelRenamed'
      | 'cairn.registry.v1.ModelDeleted'
      | 'cairn.registry.v1.ModelRestored'
      | 'cairn.registry.v1.ModelVersionDeleted'
      | 'cairn.registry.v1.ModelVersionRestored'
      | 'cairn.registry.v1.VersionStageChanged';
  }
>;

export const LIFECYCLE = [
  'cairn.registry.v1.ModelRenamed',
  'cairn.registry.v1.ModelDeleted',
  'cairn.registry.v1.ModelRestored',
  'cairn.registry.v1.ModelVersionDeleted',
  'cairn.registry.v1.ModelVersionRestored',
  'cairn.registry.v1.VersionStageChanged',
] as const satisfies readonly LifecycleEvent['type'][];

export function isLifecycle(event: { readonly type: string }): event is LifecycleEvent {
  const types: readonly string[] = LIFECYCLE;
  return types.includes(event.type);
}

export async function applyLifecycle(event: LifecycleEvent, time: string, manager: EntityManager): Promise<void> {
  const lastUpdateTimeMs = String(Date.parse(time));
  const { modelId } = event.data;
  switch (event.type) {
    case 'cairn.registry.v1.ModelRenamed':
      await manager.update(VersionRow, { modelId }, { modelName: event.data.name, lastUpdateTimeMs });
      return;
    case 'cairn.registry.v1.ModelDeleted':
    case 'cairn.registry.v1.ModelRestored':
      await manager.update(VersionRow, { modelId }, { modelDeleted: event.type === 'cairn.registry.v1.ModelDeleted' });
      return;
    case 'cairn.registry.v1.ModelVersionDeleted':
      await manager.update(VersionRow, { versionId: event.data.versionId }, { deletedAt: time, stage: 'None' });
      return;
    case 'cairn.registry.v1.ModelVersionRestored':
      await manager.update(VersionRow, { versionId: event.data.versionId }, { deletedAt: '', lastUpdateTimeMs });
      return;
    case 'cairn.registry.v1.VersionStageChanged':
      await manager.update(VersionRow, { versionId: event.data.versionId }, { stage: event.data.stage, lastUpdateTimeMs });
      return;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
