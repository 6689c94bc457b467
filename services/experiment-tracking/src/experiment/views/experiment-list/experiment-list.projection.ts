import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { ExperimentEvent } from '../../domain/state.js';
import { ExperimentRow } from './experiment.entity.js';

/** Which experiments there are, by name and by age. */
export class ExperimentListProjection implements Projection<ExperimentEvent> {
  readonly name = 'experiment-list';
  readonly entities = [ExperimentRow];
  readonly types = [
    'cairn.tracking.v1.ExperimentCreated',
    'cairn.tracking.v1.CriteriaDeclared',
    'cairn.tracking.v1.CriteriaLocked',
  ] as const;

  async apply(events: readonly Recorded<ExperimentEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, time, workspace } of events) {
      const timeMs = String(Date.parse(time));
      const { experimentId } = event.data;
      if (event.type === 'cairn.tracking.v1.ExperimentCreated') {
        const { name, tags } = event.data;
        const row = { experimentId, workspace, name, tags: tags.map(({ key, value }) => ({ key, value })), creationTimeMs: timeMs, lastUpdateTimeMs: timeMs };
        await manager.upsert(ExperimentRow, row, ['experimentId']);
      } else {
        await manager.update(ExperimentRow, { experimentId }, { lastUpdateTimeMs: timeMs });
      }
    }
  }
}
