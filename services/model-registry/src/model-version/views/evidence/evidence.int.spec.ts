import type { DomainEvent } from '@cairn/kernel';
import { openReadModel, type Recorded } from '@cairn/read-model';
import { createDatabase, type TestDatabase } from '@cairn/testing';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../../app.module.js';
import { ApprovalRow, VersionRow } from '../version-list/version.entity.js';
import {
  DatasetVersionEvidenceRow, DeploymentEvidenceRow, JobEvidenceRow, LoggedModelEvidenceRow, RunEvidenceRow, TrainingSetEvidenceRow,
} from './evidence.entity.js';
import { EvidenceProjection } from './evidence.projection.js';
import { FreezeRow } from '../../../freeze/views/freeze-list/freeze.entity.js';
import { FreezeListQuery } from '../../../freeze/views/freeze-list/freeze-list.query.js';
import { AliasRow } from '../../../registered-model/views/model-list/model.entity.js';
import { EvidenceQuery } from './evidence.query.js';

type Fact = Parameters<EvidenceProjection['apply']>[0][number]['event'];

const recorded = (event: DomainEvent): Recorded<Fact> => ({
  event: event as Fact, id: 'i', position: 0n, stream: 's', revision: 0n, time: '2001-04-01T00:00:00.000000Z', workspace: 'default',
  actor: { principal: '/training-scheduler', onBehalfOf: 'carl' }, source: '/test', correlationId: 'c',
});

const NOBODY = '00000000-0000-7000-8000-000000000000';

describe('evidence', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let query: EvidenceQuery;
  beforeAll(async () => {
    database = await createDatabase();
    const entities = [
      RunEvidenceRow, JobEvidenceRow, TrainingSetEvidenceRow, DatasetVersionEvidenceRow, LoggedModelEvidenceRow, DeploymentEvidenceRow, ApprovalRow, VersionRow, AliasRow,
      FreezeRow,
    ];
    dataSource = await openReadModel({ url: database.url, schema: 'registry', entities, migrations: service.migrations ?? [], poolSize: 2 });
    query = new EvidenceQuery(dataSource, new FreezeListQuery(dataSource));
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const apply = (...events: DomainEvent[]) => dataSource.transaction((manager) => new EvidenceProjection().apply(events.map(recorded), manager));
  const of = (runId: string, trainingSetId: string) =>
    query.of(versionOf(runId, trainingSetId), 'champion', '2001-04-01T00:00:00.000000Z');
  const versionOf = (runId: string, trainingSetId: string) => {
    const ids = { versionId: NOBODY, modelId: NOBODY, workspace: 'default', copiedFromVersionId: '' };
    return { ...ids, runId, trainingSetId, author: 'ada' } as VersionRow;
  };
  const run = (type: string, data: object): DomainEvent => ({ type: `cairn.tracking.v1.${type}`, data: { runId: 'r', ...data } });
  const result = { criterion: { metric: 'auc', comparison: '>=' }, verdict: 'pass', observed: 0, required: NaN };
  const judged = run('CriteriaJudged', { criteriaVersion: 1, verdict: 'pass', results: [result] });

  it('knows nothing of what the log does not hold', async () => {
    expect(await of('', '')).toEqual({ approvers: [], authors: ['ada'], consumers: [], freezes: [] });
    await apply(run('RunFinished', { runId: 'never-started', status: 'FINISHED' }));
    expect(await of('never-started', '')).toEqual({ approvers: [], authors: ['ada'], consumers: [], freezes: [] });
  });

  it('follows a run to its last verdict', async () => {
    await apply(run('RunStarted', { criteriaVersion: 1 }), run('RunFinished', { status: 'FINISHED' }), judged);
    await apply({ type: 'cairn.scheduler.v1.JobSubmitted', data: { jobId: 'j' } });
    expect((await of('r', '')).authors).toEqual(['ada']);
    await apply({ type: 'cairn.scheduler.v1.JobSucceeded', data: { jobId: 'j', outputs: { run_id: 'r' } } });
    const { run: evidence, authors } = await of('r', '');
    expect(authors).toEqual(['ada', 'carl']);
    expect(evidence).toMatchObject({ outcome: 'FINISHED', criteriaVersion: 1, verdict: 'pass', jobId: 'j' });
    // Numbers that proto3 JSON leaves out or writes as text come back as numbers.
    expect(evidence?.results).toMatchObject([{ criterion: { metric: 'auc', threshold: 0, minimumSample: 0n }, observed: 0, required: NaN }]);
    await apply(run('RunResumed', {}));
    expect((await of('r', '')).run).toMatchObject({ outcome: '', verdict: '', results: [] });
  });

  it('goes from a training set to the data behind it', async () => {
    const trainingSetId = 't';
    await apply({ type: 'cairn.features.v1.TrainingSetRequested', data: { trainingSetId, name: 'flights-q1', datasetVersionId: 'd' } });
    expect(await of('', 't')).toMatchObject({ trainingSet: { built: false, leakage: 'unchecked' } });
    expect((await of('', 't')).datasetVersion).toBeUndefined();
    await apply(
      { type: 'cairn.features.v1.LeakageFound', data: { trainingSetId, rowsChecked: 9n, findings: [{ sentence: 'hour was known 12 min late' }] } },
      { type: 'cairn.catalog.v1.DatasetVersionRegistered', data: { versionId: 'd', datasetName: 'flights', version: 2 } },
      { type: 'cairn.catalog.v1.DatasetVersionQuarantined', data: { versionId: 'd', reason: '41 rows violate' } },
    );
    expect(await of('', 't')).toMatchObject({
      trainingSet: { leakage: 'found', findings: ['hour was known 12 min late'], rowsChecked: 9n },
      datasetVersion: { datasetName: 'flights', version: 2, certified: '', quarantined: '41 rows violate' },
    });
    await apply(
      { type: 'cairn.features.v1.LeakageCheckPassed', data: { trainingSetId, rowsChecked: 10n } },
      { type: 'cairn.features.v1.TrainingSetBuilt', data: { trainingSetId, rowCount: 100n } },
      { type: 'cairn.catalog.v1.DatasetVersionCertified', data: { versionId: 'd', level: 'golden', contractVersion: '1.0.0' } },
    );
    expect(await of('', 't')).toMatchObject({
      trainingSet: { built: true, rowCount: 100n, leakage: 'passed', findings: [] }, datasetVersion: { certified: 'golden', contractVersion: '1.0.0' },
    });
  });
});
