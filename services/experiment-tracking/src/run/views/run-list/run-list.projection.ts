import { encodeEvent, type EventOf, type tracking } from '@cairn/contracts';
import { upsertRows, type Projection, type Recorded } from '@cairn/read-model';
import { In, type EntityManager } from 'typeorm';
import { CRITERIA_VERSION_TAG, VERDICT_TAG } from '../../domain/judge-tags.js';
import type { RunEvent } from '../../domain/state.js';
import { ParamRow, RunInputRow, TagRow } from './run-facts.entity.js';
import { DeletedExperimentRow, RunRow } from './run.entity.js';

/** MLflow keeps a run's name as this tag: whoever sets the tag renames the run. */
const NAME_TAG = 'mlflow.runName';

/** Runs go and come back with their experiment. */
type Event = RunEvent | EventOf<tracking.ExperimentDeleted | tracking.ExperimentRestored>;
type Started = Extract<RunEvent, { type: 'cairn.tracking.v1.RunStarted' }>;

/** Runs with what was chosen for them and how they ended. */
export class RunListProjection implements Projection<Event> {
  readonly name = 'run-list';
  readonly entities = [RunRow, ParamRow, TagRow, RunInputRow, DeletedExperimentRow];
  readonly types = [
    'cairn.tracking.v1.RunStarted',
    'cairn.tracking.v1.ParamsLogged',
    'cairn.tracking.v1.RunTagsSet',
    'cairn.tracking.v1.RunTagRemoved',
    'cairn.tracking.v1.RunDeleted',
    'cairn.tracking.v1.RunRestored',
    'cairn.tracking.v1.ExperimentDeleted',
    'cairn.tracking.v1.ExperimentRestored',
    'cairn.tracking.v1.InputsLogged',
    'cairn.tracking.v1.RunFinished',
    'cairn.tracking.v1.RunResumed',
    'cairn.tracking.v1.CriteriaJudged',
  ] as const;

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    const deleted = await deletedBefore(events, manager);
    const started = events.flatMap((recorded) => (recorded.event.type === 'cairn.tracking.v1.RunStarted' ? [startedRow(recorded, recorded.event, deleted)] : []));
    await upsertRows(manager, RunRow, started);
    for (const recorded of events) await this.change(recorded, manager);
    await upsertRows(manager, ParamRow, paramsOf(events));
    await applyTags(manager, events);
    await upsertRows(manager, RunInputRow, inputsOf(events));
  }

  private async change({ event, time }: Recorded<Event>, manager: EntityManager): Promise<void> {
    if (event.type === 'cairn.tracking.v1.ExperimentDeleted' || event.type === 'cairn.tracking.v1.ExperimentRestored') {
      const { experimentId } = event.data;
      const experimentDeleted = event.type === 'cairn.tracking.v1.ExperimentDeleted';
      await manager.update(RunRow, { experimentId }, { experimentDeleted });
      if (experimentDeleted) await manager.upsert(DeletedExperimentRow, { experimentId }, ['experimentId']);
      else await manager.delete(DeletedExperimentRow, { experimentId });
      return;
    }
    const { runId } = event.data;
    if (event.type === 'cairn.tracking.v1.RunFinished') {
      await manager.update(RunRow, { runId }, { status: event.data.status, endTimeMs: String(event.data.endTimeMs) });
    } else if (event.type === 'cairn.tracking.v1.RunResumed') {
      await manager.update(RunRow, { runId }, { status: 'RUNNING' });
    } else if (event.type === 'cairn.tracking.v1.RunDeleted' || event.type === 'cairn.tracking.v1.RunRestored') {
      await manager.update(RunRow, { runId }, { deleted: event.type === 'cairn.tracking.v1.RunDeleted' });
    } else if (event.type === 'cairn.tracking.v1.CriteriaJudged') {
      const results = JSON.stringify(encodeEvent(event)['results'] ?? []);
      await manager.update(RunRow, { runId }, { verdict: event.data.verdict, results, judgedAt: time });
    } else if (event.type === 'cairn.tracking.v1.RunTagsSet') {
      const name = event.data.tags.findLast(({ key }) => key === NAME_TAG)?.value;
      if (name !== undefined) await manager.update(RunRow, { runId }, { name });
    }
  }
}

/**
 * Experiments of the runs that start here which were deleted before: nothing keeps a run from starting in the instant in which its experiment goes. What the same
 * batch says of an experiment is applied to its runs afterwards, in order.
 */
async function deletedBefore(events: readonly Recorded<Event>[], manager: EntityManager): Promise<ReadonlySet<string>> {
  const ids = events.flatMap(({ event }) => (event.type === 'cairn.tracking.v1.RunStarted' ? [event.data.experimentId] : []));
  if (ids.length === 0) return new Set();
  const rows = await manager.findBy(DeletedExperimentRow, { experimentId: In([...new Set(ids)]) });
  return new Set(rows.map(({ experimentId }) => experimentId));
}

function startedRow({ workspace, actor }: Recorded<Event>, { data }: Started, deleted: ReadonlySet<string>): RunRow {
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
    deleted: false,
    experimentDeleted: deleted.has(data.experimentId),
  };
}

function paramsOf(events: readonly Recorded<Event>[]): ParamRow[] {
  return events.flatMap(({ event }) => {
    if (event.type !== 'cairn.tracking.v1.ParamsLogged') return [];
    const { runId, params } = event.data;
    return params.map(({ key, value, origin, library, libraryVersion }) => ({ runId, key, value, origin, library, libraryVersion }));
  });
}

/** A tag that is removed between two that are set must not come back: what is set goes in up to each removal. */
async function applyTags(manager: EntityManager, events: readonly Recorded<Event>[]): Promise<void> {
  let set: TagRow[] = [];
  for (const { event } of events) {
    if (event.type === 'cairn.tracking.v1.RunTagsSet' || event.type === 'cairn.tracking.v1.RunStarted') {
      const { runId, tags } = event.data;
      set.push(...tags.map(({ key, value }) => ({ runId, key, value })));
    } else if (event.type === 'cairn.tracking.v1.CriteriaJudged') {
      // No events of their own: what was judged is recorded already, and clients that know nothing but MLflow read and search it here.
      const { runId, verdict, criteriaVersion } = event.data;
      set.push({ runId, key: VERDICT_TAG, value: verdict }, { runId, key: CRITERIA_VERSION_TAG, value: String(criteriaVersion) });
    } else if (event.type === 'cairn.tracking.v1.RunTagRemoved') {
      const { runId, key } = event.data;
      await upsertRows(manager, TagRow, set);
      set = [];
      await manager.delete(TagRow, { runId, key });
    }
  }
  await upsertRows(manager, TagRow, set);
}

function inputsOf(events: readonly Recorded<Event>[]): RunInputRow[] {
  return events.flatMap(({ event }) => {
    if (event.type !== 'cairn.tracking.v1.InputsLogged') return [];
    const { runId, datasets } = event.data;
    return datasets.map(({ name, digest, sourceType, source, context, schema, profile, tags }) => ({
      runId, name, digest, sourceType, source, context, schema, profile, tags: tags.map(({ key, value }) => ({ key, value })),
    }));
  });
}
