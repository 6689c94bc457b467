import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { WorkspaceEvent } from '../../domain/state.js';
import { WorkspaceRow } from './workspace.entity.js';

/** Which workspaces were announced, and what for. */
export class WorkspaceListProjection implements Projection<WorkspaceEvent> {
  readonly name = 'workspace-list';
  readonly entities = [WorkspaceRow];
  readonly types = ['cairn.tracking.v1.WorkspaceCreated', 'cairn.tracking.v1.WorkspaceDescribed', 'cairn.tracking.v1.WorkspaceDeleted'] as const;

  async apply(events: readonly Recorded<WorkspaceEvent>[], manager: EntityManager): Promise<void> {
    for (const { event } of events) {
      const { name } = event.data;
      if (event.type === 'cairn.tracking.v1.WorkspaceDeleted') await manager.delete(WorkspaceRow, { name });
      else await manager.upsert(WorkspaceRow, { name, description: event.data.description }, ['name']);
    }
  }
}
