import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { ExperimentEvent } from '../../domain/state.js';
import { ExperimentRow, type TagJson } from './experiment.entity.js';

/** Which experiments there are, by name and by age. */
export class ExperimentListProjection implements Projection<ExperimentEvent> {
  readonly name = 'experiment-list';
  readonly entities = [ExperimentRow];
  readonly types = [
    'cairn.tracking.v1.ExperimentCreated',
    'cairn.tracking.v1.CriteriaDeclared',
    'cairn.tracking.v1.CriteriaLocked',
    'cairn.tracking.v1.ExperimentRenamed',
    'cairn.tracking.v1.ExperimentDeleted',
    'cairn.tracking.v1.ExperimentRestored',
    'cairn.tracking.v1.ExperimentTagsSet',
    'cairn.tracking.v1.ExperimentTagRemoved',
  ] as const;

  async apply(events: readonly Recorded<ExperimentEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, time, workspace } of events) {
      const timeMs = String(Date.parse(time));
      const { experimentId } = event.data;
      if (event.type === 'cairn.tracking.v1.ExperimentCreated') {
        const { name, tags } = event.data;
        const row = { experimentId, workspace, name, tags: tagsJson(tags), deleted: false, creationTimeMs: timeMs, lastUpdateTimeMs: timeMs };
        await manager.upsert(ExperimentRow, row, ['experimentId']);
      } else {
        await manager.update(ExperimentRow, { experimentId }, { ...(await changeOf(event, manager)), lastUpdateTimeMs: timeMs });
      }
    }
  }
}

async function changeOf(event: Exclude<ExperimentEvent, { type: 'cairn.tracking.v1.ExperimentCreated' }>, manager: EntityManager): Promise<Partial<ExperimentRow>> {
  switch (event.type) {
    case 'cairn.tracking.v1.ExperimentRenamed':
      return { name: event.data.name };
    case 'cairn.tracking.v1.ExperimentDeleted':
      return { deleted: true };
    case 'cairn.tracking.v1.ExperimentRestored':
      return { deleted: false };
    case 'cairn.tracking.v1.ExperimentTagsSet': {
      const { experimentId, tags } = event.data;
      const changed = new Set(tags.map(({ key }) => key));
      return { tags: [...(await tagsOf(experimentId, manager)).filter(({ key }) => !changed.has(key)), ...tagsJson(tags)] };
    }
    case 'cairn.tracking.v1.ExperimentTagRemoved': {
      const { experimentId, key: removed } = event.data;
      return { tags: (await tagsOf(experimentId, manager)).filter(({ key }) => key !== removed) };
    }
    case 'cairn.tracking.v1.CriteriaDeclared':
    case 'cairn.tracking.v1.CriteriaLocked':
      return {};
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

async function tagsOf(experimentId: string, manager: EntityManager): Promise<readonly TagJson[]> {
  return (await manager.findOneBy(ExperimentRow, { experimentId }))?.tags ?? [];
}

function tagsJson(tags: readonly TagJson[]): TagJson[] {
  return tags.map(({ key, value }) => ({ key, value }));
}
