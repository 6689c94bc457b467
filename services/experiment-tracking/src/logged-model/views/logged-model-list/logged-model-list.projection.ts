import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { LoggedModelEvent } from '../../domain/state.js';
import { LoggedModelParamRow, LoggedModelRow, LoggedModelTagRow } from './logged-model.entity.js';

type Listed = Exclude<LoggedModelEvent, { type: 'cairn.tracking.v1.LoggedModelArtifactLogged' | 'cairn.tracking.v1.LoggedModelArtifactRemoved' }>;

/** Which logged models there are, with what they were made with. */
export class LoggedModelListProjection implements Projection<Listed> {
  readonly name = 'logged-model-list';
  readonly entities = [LoggedModelRow, LoggedModelParamRow, LoggedModelTagRow];
  readonly types = [
    'cairn.tracking.v1.LoggedModelCreated',
    'cairn.tracking.v1.LoggedModelParamsLogged',
    'cairn.tracking.v1.LoggedModelFinalized',
    'cairn.tracking.v1.LoggedModelTagsSet',
    'cairn.tracking.v1.LoggedModelTagRemoved',
    'cairn.tracking.v1.LoggedModelDeleted',
  ] as const;

  async apply(events: readonly Recorded<Listed>[], manager: EntityManager): Promise<void> {
    for (const recorded of events) await applyOne(recorded, manager);
  }
}

async function applyOne({ event, time, workspace, actor }: Recorded<Listed>, manager: EntityManager): Promise<void> {
  const { modelId } = event.data;
  const timeMs = String(Date.parse(time));
  switch (event.type) {
    case 'cairn.tracking.v1.LoggedModelCreated': {
      const { experimentId, name, modelType, sourceRunId, tags, params } = event.data;
      const times = { creationTimeMs: timeMs, lastUpdateTimeMs: timeMs };
      const createdBy = actor.onBehalfOf ?? actor.principal;
      const row = { modelId, workspace, experimentId, name, modelType, sourceRunId, status: 'PENDING', ...times, deleted: false, createdBy };
      await manager.upsert(LoggedModelRow, row, ['modelId']);
      await upsertPairs(manager, LoggedModelTagRow, modelId, tags);
      return upsertPairs(manager, LoggedModelParamRow, modelId, params);
    }
    case 'cairn.tracking.v1.LoggedModelParamsLogged':
      return upsertPairs(manager, LoggedModelParamRow, modelId, event.data.params);
    case 'cairn.tracking.v1.LoggedModelTagsSet':
      return upsertPairs(manager, LoggedModelTagRow, modelId, event.data.tags);
    case 'cairn.tracking.v1.LoggedModelTagRemoved':
      await manager.delete(LoggedModelTagRow, { modelId, key: event.data.key });
      return;
    case 'cairn.tracking.v1.LoggedModelFinalized':
      await manager.update(LoggedModelRow, { modelId }, { status: event.data.status.toUpperCase(), lastUpdateTimeMs: timeMs });
      return;
    case 'cairn.tracking.v1.LoggedModelDeleted':
      await manager.update(LoggedModelRow, { modelId }, { deleted: true, lastUpdateTimeMs: timeMs });
      return;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

type Pairs = readonly { readonly key: string; readonly value: string }[];

/** One statement can't write a row twice: of several pairs with one key the last one counts. */
async function upsertPairs(manager: EntityManager, entity: typeof LoggedModelTagRow | typeof LoggedModelParamRow, modelId: string, pairs: Pairs): Promise<void> {
  const last = new Map(pairs.map(({ key, value }) => [key, value]));
  if (last.size > 0) await manager.upsert(entity, [...last].map(([key, value]) => ({ modelId, key, value })), ['modelId', 'key']);
}
