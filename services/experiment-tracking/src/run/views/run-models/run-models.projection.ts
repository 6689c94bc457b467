import type { EventOf, tracking } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { RunModelRow } from './run-model.entity.js';

type Event = EventOf<tracking.ModelInputsLogged | tracking.ModelOutputsLogged>;

/** Logged models of runs: what went in, what came out. Said again, the last word counts. */
export class RunModelsProjection implements Projection<Event> {
  readonly name = 'run-models';
  readonly entities = [RunModelRow];
  readonly types = ['cairn.tracking.v1.ModelInputsLogged', 'cairn.tracking.v1.ModelOutputsLogged'] as const;

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    const rows = events.flatMap(({ event }) => rowsOf(event));
    // One statement can't write a row twice.
    const last = new Map(rows.map((row) => [`${row.runId} ${row.role} ${row.modelId}`, row]));
    if (last.size > 0) await manager.upsert(RunModelRow, [...last.values()], ['runId', 'role', 'modelId']);
  }
}

function rowsOf(event: Event): RunModelRow[] {
  const { runId } = event.data;
  return event.type === 'cairn.tracking.v1.ModelInputsLogged'
    ? event.data.modelIds.map((modelId) => ({ runId, role: 'input', modelId, step: '0' }))
    : event.data.models.map(({ modelId, step }) => ({ runId, role: 'output', modelId, step: String(step) }));
}
