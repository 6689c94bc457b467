import { deciderSpec } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { Criterion, DatasetInput, MetricPoint, Param, RunCommand, StartRun, Tag } from './commands.js';
import { run } from './decider.js';
import type { RunEvent } from './state.js';

const meta = { commandId: 'c', now: '2001-04-01T00:00:00Z', actor: { principal: 'local' }, workspace: 'default', correlationId: 'x' };
const auc: Criterion = { metric: 'auc', comparison: '>=', threshold: 0.68, baselineMetric: '', sampleMetric: '', minimumSample: 0n };

const beginning: StartRun['data'] = {
  runId: 'r', experimentId: 'e', name: 'granite-cairn-7', startTimeMs: 1n, user: 'ada', tags: [], criteriaVersion: 0, criteria: [],
};
const start = (changes: Partial<StartRun['data']> = {}): RunCommand => ({ type: 'StartRun', data: { ...beginning, ...changes }, meta });
const log = (batch: { params?: Param[]; metrics?: MetricPoint[]; tags?: Tag[] }): RunCommand => ({
  type: 'LogBatch', data: { params: [], metrics: [], tags: [], ...batch }, meta,
});
const finish = (status: string, endTimeMs = 9n): RunCommand => ({ type: 'FinishRun', data: { status, endTimeMs }, meta });
const resume: RunCommand = { type: 'ResumeRun', data: {}, meta };

const param = (key: string, value: string): Param => ({ key, value, origin: 'set', library: '', libraryVersion: '' });
const point = (key: string, value: number, step = 0n, timestampMs = 5n): MetricPoint => ({ key, value, timestampMs, step });
const input = (changes: Partial<DatasetInput> = {}): DatasetInput => ({
  name: 'flights', digest: 'sha256:a', sourceType: 'cairn', source: 's', context: 'training', schema: '', profile: '', tags: [], ...changes,
});

const started = (changes: Partial<StartRun['data']> = {}): RunEvent => ({ type: 'cairn.tracking.v1.RunStarted', data: { ...beginning, ...changes } });
const judgedBy = { criteriaVersion: 3, criteria: [auc] };
const params = (...some: Param[]): RunEvent => ({ type: 'cairn.tracking.v1.ParamsLogged', data: { runId: 'r', params: some } });
const metrics = (...points: MetricPoint[]): RunEvent => ({
  type: 'cairn.tracking.v1.MetricsLogged',
  data: {
    runId: 'r', keys: points.map(({ key }) => key), values: points.map(({ value }) => value),
    timestampsMs: points.map(({ timestampMs }) => timestampMs), steps: points.map(({ step }) => step),
    modelIds: points.flatMap(({ measured }) => measured?.modelId ?? []),
    datasetNames: points.flatMap(({ measured }) => measured?.datasetName ?? []),
    datasetDigests: points.flatMap(({ measured }) => measured?.datasetDigest ?? []),
  },
});
const tags = (...some: Tag[]): RunEvent => ({ type: 'cairn.tracking.v1.RunTagsSet', data: { runId: 'r', tags: some } });
const finished = (status: string, endTimeMs = 9n): RunEvent => ({ type: 'cairn.tracking.v1.RunFinished', data: { runId: 'r', status, endTimeMs } });
const judged = (verdict: string, observed?: number): RunEvent => ({
  type: 'cairn.tracking.v1.CriteriaJudged',
  data: { runId: 'r', criteriaVersion: 3, verdict, results: [{ criterion: auc, verdict, required: 0.68, ...(observed !== undefined && { observed }) }] },
});

describe('run', () => {
  const { given } = deciderSpec(run);

  it('starts once and takes the criteria in force with it', () => {
    given([]).when(start(judgedBy)).then([started(judgedBy)]);
    given([started()]).when(start()).thenRefused('RUN_EXISTS');
  });

  it('lets nobody say how it was judged but the judge', () => {
    for (const key of ['cairn.verdict', 'cairn.criteria_version']) {
      given([]).when(start({ tags: [{ key, value: 'pass' }] })).thenRefused('RESERVED_TAG');
      given([started()]).when(log({ tags: [{ key, value: 'pass' }] })).thenRefused('RESERVED_TAG');
    }
  });

  it('takes nothing before it starts', () => {
    given([]).when(log({ tags: [] })).thenRefused('RUN_NOT_FOUND');
    given([]).when(finish('FINISHED')).thenRefused('RUN_NOT_FOUND');
  });

  it('is deleted and restored, and takes nothing in between', () => {
    const deleted: RunEvent = { type: 'cairn.tracking.v1.RunDeleted', data: { runId: 'r' } };
    const restored: RunEvent = { type: 'cairn.tracking.v1.RunRestored', data: { runId: 'r' } };
    const remove: RunCommand = { type: 'DeleteRun', data: {}, meta };
    const restore: RunCommand = { type: 'RestoreRun', data: {}, meta };
    given([started()]).when(remove).then([deleted]);
    given([started(), deleted]).when(remove).thenNothing();
    given([started(), deleted]).when(restore).then([restored]);
    given([started()]).when(restore).thenNothing();
    for (const command of [log({}), finish('FINISHED'), resume]) given([started(), deleted]).when(command).thenRefused('RUN_DELETED');
    given([started(), deleted, restored]).when(finish('FINISHED')).then([finished('FINISHED')]);
    given([]).when(remove).thenRefused('RUN_NOT_FOUND');
  });

  it('removes a tag that it has', () => {
    const untag: RunCommand = { type: 'RemoveRunTag', data: { key: 't' }, meta };
    const untagged: RunEvent = { type: 'cairn.tracking.v1.RunTagRemoved', data: { runId: 'r', key: 't' } };
    given([started(), tags({ key: 't', value: 'v' })]).when(untag).then([untagged]);
    given([started(), tags({ key: 't', value: 'v' }), untagged]).when(untag).thenRefused('TAG_NOT_FOUND');
    given([started(), tags({ key: 't', value: 'v' }), untagged]).when(log({ tags: [{ key: 't', value: 'v' }] })).then([tags({ key: 't', value: 'v' })]);
  });

  it('logs parameters, metrics and tags of a batch together', () => {
    given([started()])
      .when(log({ params: [param('c', '1.0')], metrics: [point('auc', 0.7)], tags: [{ key: 't', value: 'v' }] }))
      .then([params(param('c', '1.0')), metrics(point('auc', 0.7)), tags({ key: 't', value: 'v' })]);
  });

  it('spreads a batch over as many events as its size needs', () => {
    const long = (key: string): Tag => ({ key, value: 'x'.repeat(30_000) });
    given([started()]).when(log({ tags: [long('a'), long('b')] })).then([tags(long('a')), tags(long('b'))]);
    given([]).when(start({ tags: [long('a'), long('b')] })).then([started({ tags: [long('a')] }), tags(long('b'))]);
  });

  it('never changes a parameter', () => {
    given([started(), params(param('c', '1.0'))]).when(log({ params: [param('c', '1.0')] })).thenNothing();
    given([started(), params(param('c', '1.0'))]).when(log({ params: [param('c', '2.0')] })).thenRefused('PARAM_CHANGED');
    given([started()]).when(log({ params: [param('c', '1.0'), param('c', '1.0')] })).thenRefused('DUPLICATE_PARAM');
  });

  it('learns later that a value was a library default, and which', () => {
    const byDefault: Param = { ...param('c', '1.0'), origin: 'default', library: 'scikit-learn', libraryVersion: '1.9.1' };
    given([started(), params(param('c', '1.0'))]).when(log({ params: [byDefault] })).then([params(byDefault)]);
    given([started(), params(byDefault)]).when(log({ params: [byDefault] })).thenNothing();
    given([started(), params(byDefault)]).when(log({ params: [param('c', '1.0')] })).thenNothing();
    given([started()]).when(log({ params: [{ ...byDefault, libraryVersion: '' }] })).thenRefused('INVALID_PARAM_ORIGIN');
    given([started()]).when(log({ params: [{ ...byDefault, origin: 'guessed' }] })).thenRefused('INVALID_PARAM_ORIGIN');
  });

  it('records a tag only when it changes', () => {
    given([started({ tags: [{ key: 't', value: 'v' }] })]).when(log({ tags: [{ key: 't', value: 'v' }] })).thenNothing();
    given([started({ tags: [{ key: 't', value: 'v' }] })]).when(log({ tags: [{ key: 't', value: 'w' }] })).then([tags({ key: 't', value: 'w' })]);
  });

  it('logs inputs, but none that an event cannot hold', () => {
    const logInputs = (...datasets: DatasetInput[]): RunCommand => ({ type: 'LogInputs', data: { datasets }, meta });
    given([started()]).when(logInputs(input())).then([{ type: 'cairn.tracking.v1.InputsLogged', data: { runId: 'r', datasets: [input()] } }]);
    given([started()]).when(logInputs(input({ schema: 's'.repeat(50_000) }))).thenRefused('INPUT_TOO_LARGE');
  });

  it('logs an artifact again only when its content changed', () => {
    const logArtifact = (digest: string): RunCommand => ({ type: 'LogArtifact', data: { path: 'model.onnx', digest, sizeBytes: 3n }, meta });
    const logged = (digest: string): RunEvent => ({ type: 'cairn.tracking.v1.ArtifactLogged', data: { runId: 'r', path: 'model.onnx', digest, sizeBytes: 3n } });
    given([started()]).when(logArtifact('sha256:a')).then([logged('sha256:a')]);
    given([started(), logged('sha256:a')]).when(logArtifact('sha256:a')).thenNothing();
    given([started(), logged('sha256:a')]).when(logArtifact('sha256:b')).then([logged('sha256:b')]);
  });

  it('removes artifacts, with what lies below, and what is not there as well', () => {
    const logged = (path: string): RunEvent => ({ type: 'cairn.tracking.v1.ArtifactLogged', data: { runId: 'r', path, digest: 'sha256:a', sizeBytes: 1n } });
    const remove = (path: string): RunCommand => ({ type: 'RemoveArtifact', data: { path }, meta });
    const removed = (path: string): RunEvent => ({ type: 'cairn.tracking.v1.ArtifactRemoved', data: { runId: 'r', path } });
    const again: RunCommand = { type: 'LogArtifact', data: { path: 'd/x', digest: 'sha256:a', sizeBytes: 1n }, meta };
    given([started(), logged('d/x'), logged('d/y'), logged('dd')]).when(remove('d')).then([removed('d')]);
    given([started(), logged('d/x'), removed('d')]).when(again).then([logged('d/x')]);
    given([started(), logged('d/x'), logged('dd'), removed('d')]).when(remove('d')).thenNothing();
    given([started(), logged('dd')]).when(remove('d')).thenNothing();
    given([started(), logged('dd')]).when(remove('')).then([removed('')]);
  });

  it('logs models that went in and came out, and points that are about one', () => {
    const measured = { ...point('auc', 0.7), measured: { modelId: 'm-1', datasetName: 'flights', datasetDigest: 'd' } };
    given([started()]).when(log({ metrics: [measured] })).then([metrics(measured)]);
    given([started()])
      .when({ type: 'LogModelInputs', data: { modelIds: ['m-1'] }, meta })
      .then([{ type: 'cairn.tracking.v1.ModelInputsLogged', data: { runId: 'r', modelIds: ['m-1'] } }]);
    given([started()])
      .when({ type: 'LogModelOutputs', data: { models: [{ modelId: 'm-1', step: 2n }] }, meta })
      .then([{ type: 'cairn.tracking.v1.ModelOutputsLogged', data: { runId: 'r', models: [{ modelId: 'm-1', step: 2n }] } }]);
  });

  it('keeps the models of older clients in a tag, each once', () => {
    const record = (entry: string): RunCommand => ({ type: 'RecordModel', data: { entry }, meta });
    const history = (value: string): RunEvent => tags({ key: 'mlflow.log-model.history', value });
    given([started()]).when(record('{"a":1}')).then([history('[{"a":1}]')]);
    given([started(), history('[{"a":1}]')]).when(record('{"b":2}')).then([history('[{"a":1}, {"b":2}]')]);
    given([started(), history('[{"a": 1}]')]).when(record('{"a":1}')).thenNothing();
    given([started(), history('no list')]).when(record('{"a":1}')).then([history('[{"a":1}]')]);
    given([started()]).when(record(`{"a":"${'x'.repeat(40_000)}"}`)).thenRefused('TOO_MANY_MODELS');
  });

  it('is judged in the moment it finishes, by the latest metrics', () => {
    given([started(judgedBy), metrics(point('auc', 0.9, 1n), point('auc', 0.661, 2n), point('other', 1))])
      .when(finish('FINISHED'))
      .then([finished('FINISHED'), judged('fail', 0.661)]);
    given([started(judgedBy), metrics(point('auc', 0.7))]).when(finish('FINISHED')).then([finished('FINISHED'), judged('pass', 0.7)]);
    given([started(judgedBy)]).when(finish('FINISHED')).then([finished('FINISHED'), judged('inconclusive')]);
    given([started()]).when(finish('FAILED')).then([finished('FAILED')]);
  });

  it('finishes once, also when told twice, and is judged again when it went on', () => {
    given([started(), finished('FINISHED')]).when(finish('FINISHED')).thenNothing();
    given([started(judgedBy), finished('FINISHED'), { type: 'cairn.tracking.v1.RunResumed', data: { runId: 'r' } }, metrics(point('auc', 0.7))])
      .when(finish('FINISHED', 11n))
      .then([finished('FINISHED', 11n), judged('pass', 0.7)]);
    given([started()]).when(finish('SCHEDULED')).thenRefused('INVALID_RUN_STATUS');
  });

  it('resumes only after it ended', () => {
    given([started(), finished('FAILED')]).when(resume).then([{ type: 'cairn.tracking.v1.RunResumed', data: { runId: 'r' } }]);
    given([started()]).when(resume).thenNothing();
  });
});
