import { upsertRows, type Projection, type Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { ResourceUseEvent } from '../../domain/state.js';
import { ResourceFigureRow } from './resource-figure.entity.js';

/** What runs have used so far, as they reported it. */
export class ResourceFiguresProjection implements Projection<ResourceUseEvent> {
  readonly name = 'resource-figures';
  readonly entities = [ResourceFigureRow];
  readonly types = ['cairn.tracking.v1.ResourcesReported'] as const;

  async apply(events: readonly Recorded<ResourceUseEvent>[], manager: EntityManager): Promise<void> {
    const rows = events.flatMap(({ event: { data } }) =>
      data.figures.map(({ resource, gpuModel, amount, label, method }) => ({ runId: data.runId, resource, gpuModel, amount: String(amount), label, method })),
    );
    await upsertRows(manager, ResourceFigureRow, rows);
  }
}
