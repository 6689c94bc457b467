import { encodeEvent } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { RunEvent } from '../../domain/state.js';
import { ParamRow, RunInputRow, TagRow } from './run-facts.entity.js';
import { RunRow } from './run.entity.js';

/** MLflow keeps a run's name as this tag: whoever sets the tag renames the run. */
const NAME_TAG = 'mlflow.runName';
/** A statement has at most 65,535 parameters, and the widest of these rows takes nine. */
const MAX_ROWS = 5_000;

type Started = Extract<RunEvent, { type: 'cairn.tracking.v1.RunStarted' }>;

/** Runs with what was chosen for them and how they ended. */
export class RunListProjection implements Projection<RunEvent> {
  readonly name = 'run-list';
  readonly entities = [RunRow, ParamRow, TagRow, RunInputRow];
  readonly types = [
    'cairn.tracking.v1.RunStarted',
    'cairn.tracking.v1.ParamsLogged',
    'cairn.tracking.v1.RunTagsSet',
    'cairn.tracking.v1.InputsLogged',
    'cairn.tracking.v1.RunFinished',
    'cairn.tracking.v1.RunResumed',
    'cairn.tracking.v1.CriteriaJudged',
  ] as const;

  async apply(events: readonly Recorded<RunEvent>[], manager: EntityManager): Promise<void> {
    const started = events.flatMap((recorded) => (recorded.event.type === 'cairn.tracking.v1.RunStarted' ? [startedRow(recorded, recorded.event)] : []));
    if (started.length > 0) await manager.upsert(RunRow, started, ['runId']);
    for (const recorded of events) await this.change(recorded, manager);
    await upsertLast(manager, ParamRow, paramsOf(events), ['runId', 'key']);
    await upsertLast(manager, TagRow, tagsOf(events), ['runId', 'key']);
    await upsertLast(manager, RunInputRow, inputsOf(events), ['runId', 'name', 'digest']);
  }

  private async change({ event, time }: Recorded<RunEvent>, manager: EntityManager): Promise<void> {
    const { runId } = event.data;
    if (event.type === 'cairn.tracking.v1.RunFinished') {
      await manager.update(RunRow, { runId }, { status: event.data.status, endTimeMs: String(event.data.endTimeMs) });
    } else if (event.type === 'cairn.tracking.v1.RunResumed') {
      await manager.update(RunRow, { runId }, { status: 'RUNNING' });
    } else if (event.type === 'cairn.tracking.v1.CriteriaJudged') {
      const results = JSON.stringify(encodeEvent(event)['results'] ?? []);
      await manager.update(RunRow, { runId }, { verdict: event.data.verdict, results, judgedAt: time });
    } else if (event.type === 'cairn.tracking.v1.RunTagsSet') {
      const name = event.data.tags.findLast(({ key }) => key === NAME_TAG)?.value;
      if (name !== undefined) await manager.update(RunRow, { runId }, { name });
    }
  }
}

function startedRow({ workspace, actor }: Recorded<RunEvent>, { data }: Started): RunRow {
  return {
    runId: data.runId,
    workspace,
    experimentId: data.experimentId,
    name: data.name,
    userName: data.user,
    status: 'RUNNING',
    startTimeMs: String(data.startTimeMs),
    endTimeMs: null,
    criteriaVersion: data.criteriaVersion,
    verdict: null,
    results: null,
    judgedAt: null,
    startedBy: actor.onBehalfOf ?? actor.principal,
  };
}

function paramsOf(events: readonly Recorded<RunEvent>[]): ParamRow[] {
  return events.flatMap(({ event }) => {
    if (event.type !== 'cairn.tracking.v1.ParamsLogged') return [];
    const { runId, params } = event.data;
    return params.map(({ key, value, origin, library, libraryVersion }) => ({ runId, key, value, origin, library, libraryVersion }));
  });
}

function tagsOf(events: readonly Recorded<RunEvent>[]): TagRow[] {
  return events.flatMap(({ event }) => {
    if (event.type !== 'cairn.tracking.v1.RunTagsSet' && event.type !== 'cairn.tracking.v1.RunStarted') return [];
    const { runId, tags } = event.data;
    return tags.map(({ key, value }) => ({ runId, key, value }));
  });
}

function inputsOf(events: readonly Recorded<RunEvent>[]): RunInputRow[] {
  return events.flatMap(({ event }) => {
    if (event.type !== 'cairn.tracking.v1.InputsLogged') return [];
    const { runId, datasets } = event.data;
    return datasets.map(({ name, digest, sourceType, source, context, schema, profile, tags }) => ({
      runId, name, digest, sourceType, source, context, schema, profile, tags: tags.map(({ key, value }) => ({ key, value })),
    }));
  });
}

/** One statement can't write a row twice: of several rows with the same key the last one counts. */
async function upsertLast<Row extends object>(manager: EntityManager, entity: new () => Row, rows: readonly Row[], keys: readonly (keyof Row & string)[]): Promise<void> {
  const last = [...new Map(rows.map((row) => [JSON.stringify(keys.map((key) => row[key])), row])).values()];
  for (let from = 0; from < last.length; from += MAX_ROWS) await manager.upsert(entity, last.slice(from, from + MAX_ROWS), [...keys]);
}
