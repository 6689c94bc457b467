import { newId, type DomainEvent } from '@cairn/kernel';
import { openReadModel, type Recorded } from '@cairn/read-model';
import { createDatabase, type TestDatabase } from '@cairn/testing';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../../app.module.js';
import { EvidenceProjection } from '../../../model-version/views/evidence/evidence.projection.js';
import { VersionListProjection } from '../../../model-version/views/version-list/version-list.projection.js';
import { computeFigures } from '../../domain/figures.js';
import { DebtQuery, type DebtSearch } from './debt.query.js';
import { RolloutHistoryProjection } from './rollout-history.projection.js';
import { RolloutHistoryQuery } from './rollout-history.query.js';

type Timed = readonly [time: string, event: DomainEvent];

const DAY_MS = 86_400_000;
const day = (number: number) => `2001-04-${String(number).padStart(2, '0')}T00:00:00.000000Z`;
const [MODEL, OTHER] = [newId(), newId()];
const [FIRST, SECOND, THIRD, IDLE] = [newId(), newId(), newId(), newId()];

const created = (versionId: string, modelId: string, version: number, trainingSetId = ''): DomainEvent => ({
  type: 'cairn.registry.v1.ModelVersionCreated',
  data: {
    versionId, modelId, modelName: modelId === MODEL ? 'late' : 'other', version, runId: '', source: 'runs:/r/model', digest: '', sizeBytes: 0n, trainingSetId, goldenDigest: '',
    description: '', tags: [], storageLocation: '', copiedFromVersionId: '', loggedModelId: '', runLink: '',
  },
});
const serving = (type: string, data: object): DomainEvent => ({ type: `cairn.serving.v1.${type}`, data: { deploymentId: 'd', ...data } });
const rolledOut = (rolloutId: string, versionId: string, version: number) => serving('RolloutStarted', { rolloutId, versionId, version });
const done = (rolloutId: string, versionId: string) => serving('RolloutCompleted', { rolloutId, versionId });

/** A dataset of 1 April, three versions of a model, of which the second is rolled out, aborted once, and has an incident; one version that nobody uses. */
const story: readonly Timed[] = [
  [day(1), { type: 'cairn.catalog.v1.DatasetVersionRegistered', data: { versionId: 'data', datasetName: 'flights', version: 1 } }],
  [day(2), { type: 'cairn.features.v1.TrainingSetRequested', data: { trainingSetId: 'set', name: 'q1', datasetVersionId: 'data' } }],
  [day(2), created(FIRST, MODEL, 1, 'set')], [day(3), serving('DeploymentCreated', { name: 'late-flights' })],
  [day(3), rolledOut('r1', FIRST, 1)], [day(4), done('r1', FIRST)],
  [day(5), created(SECOND, MODEL, 2)], [day(5), created(IDLE, OTHER, 1)],
  [day(6), rolledOut('r2', SECOND, 2)], [day(6), serving('RolloutAborted', { rolloutId: 'r2', reason: 'golden answer missed' })],
  [day(7), rolledOut('r3', SECOND, 2)], [day(8), done('r3', SECOND)],
  [day(9), { type: 'cairn.monitoring.v1.IncidentOpened', data: { incidentId: 'i', deploymentName: 'late-flights', sentence: 'hour drifted' } }],
  [day(11), { type: 'cairn.monitoring.v1.IncidentResolved', data: { incidentId: 'i', reason: 'windows pass again' } }],
];

describe('rollout history', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let query: RolloutHistoryQuery;
  const projections = [new RolloutHistoryProjection(), new EvidenceProjection(), new VersionListProjection()];
  beforeAll(async () => {
    database = await createDatabase();
    const entities = [...(service.projections ?? []).flatMap((projection) => new projection().entities)];
    dataSource = await openReadModel({ url: database.url, schema: 'registry', entities, migrations: service.migrations ?? [], poolSize: 2 });
    query = new RolloutHistoryQuery(dataSource);
    await tell(story);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  let position = 0n;
  async function tell(facts: readonly Timed[]): Promise<void> {
    for (const [time, event] of facts) {
      const recorded = {
        event, time, id: 'i', position: (position += 1n), stream: 's', revision: 0n, workspace: 'default', actor: { principal: 'ada' }, source: '/test', correlationId: 'c',
      } as Recorded<never>;
      const types = (projection: { readonly types: readonly string[] }) => projection.types.includes(event.type);
      for (const projection of projections) if (types(projection)) await dataSource.transaction((manager) => projection.apply([recorded], manager));
    }
  }

  it('gives figures that a hand can compute', async () => {
    const asked = { workspace: 'default', from: day(1) };
    const [rollouts, incidents] = [await query.ended(asked, 100), await query.opened(asked, 100)];
    const figures = computeFigures(rollouts, incidents, { from: day(1), to: day(21), failureWindowHours: 48 });
    // Data of the 1st, in production on the 4th; the version of the second rollout names no training set.
    expect(figures.lead_time).toMatchObject({ samples: 1, median_seconds: 3 * 86_400, rollouts_without_known_data: 1 });
    expect(figures.deployment_frequency).toMatchObject({ rollouts: 2, rollouts_per_day: 0.1, samples: 1, median_seconds: 4 * 86_400 });
    // One aborted, and one day after the last completion an incident opened.
    expect(figures.change_failure_rate).toMatchObject({ samples: 3, ratio: 2 / 3, aborted: 1, rolled_back: 0, followed_by_incident: 1 });
    expect(figures.time_to_restore).toMatchObject({ samples: 1, median_seconds: 2 * 86_400, still_open: 0 });
  });

  it('keeps models and workspaces apart', async () => {
    expect(await query.ended({ workspace: 'default', from: day(1), modelId: OTHER }, 100)).toEqual([]);
    expect(await query.opened({ workspace: 'default', from: day(1), modelId: OTHER }, 100)).toEqual([]);
    expect(await query.opened({ workspace: 'default', from: day(1), modelId: MODEL }, 100)).toHaveLength(1);
    expect(await query.ended({ workspace: 'theirs', from: day(1) }, 100)).toEqual([]);
  });

  it('knows which version answers', async () => {
    expect(await query.answering(FIRST, 10)).toEqual([]);
    expect(await query.answering(SECOND, 10)).toMatchObject([{ deploymentName: 'late-flights', rolloutId: 'r3', endedAt: day(8) }]);
  });

  it('lists what is owed, oldest first, each version once', async () => {
    const debts = new DebtQuery(dataSource);
    const at = (number: number) => Date.parse(day(number));
    const owed = async (changes: Partial<DebtSearch> = {}) => {
      const search = { workspace: 'default', staleBeforeMs: at(6), undeployedBeforeMs: at(6), limit: 10, ...changes };
      return (await debts.search(search)).map(({ version_id, reason }) => [version_id, reason]);
    };
    // The first version was deployed once and is not any more: nobody owes anything for it.
    expect(await owed()).toEqual([[SECOND, 'stale'], [IDLE, 'never-deployed']].sort(([one = ''], [other = '']) => (one < other ? -1 : 1)));
    expect(await owed({ staleBeforeMs: at(4), undeployedBeforeMs: at(4) })).toEqual([]);
    expect(await owed({ reason: 'stale' })).toEqual([[SECOND, 'stale']]);
    expect(await owed({ owner: 'bob' })).toEqual([]);
    expect(await owed({ after: { createdAtMs: String(at(5) + DAY_MS), versionId: IDLE } })).toEqual([]);
    // A newer version that nobody uses is a retraining; one that is in use supersedes.
    await tell([[day(12), created(THIRD, MODEL, 3)]]);
    expect(await owed()).toEqual([[IDLE, 'never-deployed']]);
    const inProduction = { type: 'cairn.registry.v1.VersionStageChanged', data: { modelId: MODEL, versionId: THIRD, version: 3, stage: 'Production', previousStage: 'None' } };
    await tell([[day(13), inProduction]]);
    expect(await owed({ reason: 'superseded' })).toEqual([[SECOND, 'superseded']]);
  });
});
