import { deciderSpec } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { Criterion, ExperimentCommand, NamedBaseline } from './commands.js';
import { experiment } from './decider.js';
import type { ExperimentEvent } from './state.js';

const meta = { commandId: 'c', now: '2001-04-01T00:00:00Z', actor: { principal: 'local' }, workspace: 'default', correlationId: 'x' };
const auc: Criterion = { metric: 'auc', comparison: '>=', threshold: 0.68, baselineMetric: '', sampleMetric: '', minimumSample: 0n };
const margin: Criterion = { ...auc, threshold: 0.02, baselineMetric: 'best_single_auc' };
const ofSlice: Criterion = { ...auc, metric: 'auc/slice/JFK', sampleMetric: 'rows/slice/JFK', minimumSample: 100n, slice: 'JFK' };
const found: NamedBaseline = { kind: 'best_run', runId: 'r1', value: 0.66, modelName: '', modelVersion: 0, consideredRuns: 3 };
const overBest: Criterion = { ...auc, threshold: 0.01, baseline: found };

const create = (name: string): ExperimentCommand => ({ type: 'CreateExperiment', data: { experimentId: 'e', name, tags: [] }, meta });
const declare = (...criteria: Criterion[]): ExperimentCommand => ({ type: 'DeclareCriteria', data: { criteria }, meta });
const lock = (runId: string): ExperimentCommand => ({ type: 'LockCriteria', data: { runId }, meta });

const created: ExperimentEvent = { type: 'cairn.tracking.v1.ExperimentCreated', data: { experimentId: 'e', name: 'late', tags: [] } };
const declared = (version: number, criteria: Criterion[], afterFirstRun = false): ExperimentEvent => ({
  type: 'cairn.tracking.v1.CriteriaDeclared',
  data: { experimentId: 'e', version, criteria, afterFirstRun },
});
const locked = (version: number, runId = 'r'): ExperimentEvent => ({
  type: 'cairn.tracking.v1.CriteriaLocked',
  data: { experimentId: 'e', version, runId },
});

describe('experiment', () => {
  const { given } = deciderSpec(experiment);

  it('is created once, with a name', () => {
    given([]).when(create('late')).then([created]);
    given([created]).when(create('late')).thenRefused('EXPERIMENT_EXISTS');
    given([]).when(create('  ')).thenRefused('INVALID_EXPERIMENT_NAME');
    given([]).when(create('n'.repeat(501))).thenRefused('INVALID_EXPERIMENT_NAME');
  });

  it('numbers its declarations', () => {
    given([created]).when(declare(auc)).then([declared(1, [auc])]);
    given([created, declared(1, [auc])]).when(declare(auc, margin)).then([declared(2, [auc, margin])]);
    given([]).when(declare(auc)).thenRefused('EXPERIMENT_NOT_FOUND');
  });

  it('records nothing when the same criteria are declared again', () => {
    given([created, declared(1, [auc])]).when(declare({ ...auc })).thenNothing();
  });

  it('takes a slice and a named baseline as they were found', () => {
    given([created]).when(declare(ofSlice, overBest)).then([declared(1, [ofSlice, overBest])]);
  });

  it.each<[string, Criterion, boolean]>([
    ['the best run, of which there is a better one now', { ...overBest, baseline: { ...found, runId: 'r2', value: 0.7, consideredRuns: 4 } }, true],
    ['another margin over it', { ...overBest, threshold: 0.02 }, false],
    ['the run by name that was the best one', { ...overBest, baseline: { ...found, kind: 'run' } }, false],
    ['no baseline', { ...overBest, baseline: undefined }, false],
    ['a slice', { ...overBest, metric: 'auc/slice/a', slice: 'a' }, false],
  ])('compares what is declared again by what it names: %s', (_, criterion, isSame) => {
    given([created, declared(1, [overBest])]).when(declare(criterion)).then(isSame ? [] : [declared(2, [criterion])]);
  });

  it.each<[string, NamedBaseline, NamedBaseline, boolean]>([
    ['the same run', { ...found, kind: 'run' }, { ...found, kind: 'run', value: 1 }, true],
    ['another run', { ...found, kind: 'run' }, { ...found, kind: 'run', runId: 'r9' }, false],
    ['another version', { ...found, kind: 'model_version', modelVersion: 1 }, { ...found, kind: 'model_version', modelVersion: 2 }, false],
  ])('knows %s', (_, before, now, isSame) => {
    const criterion = { ...auc, baseline: now };
    given([created, declared(1, [{ ...auc, baseline: before }])]).when(declare(criterion)).then(isSame ? [] : [declared(2, [criterion])]);
  });

  it('declares by tag, in the same append', () => {
    const tags = [{ key: 'cairn.criteria', value: '[…]' }];
    const tagged: ExperimentEvent = { type: 'cairn.tracking.v1.ExperimentTagsSet', data: { experimentId: 'e', tags } };
    const untagged: ExperimentEvent = { type: 'cairn.tracking.v1.ExperimentTagRemoved', data: { experimentId: 'e', key: 'cairn.criteria' } };
    const byTag = (...criteria: Criterion[]): ExperimentCommand => ({ type: 'SetExperimentTags', data: { tags, criteria }, meta });
    const createdWith: ExperimentEvent = { type: 'cairn.tracking.v1.ExperimentCreated', data: { experimentId: 'e', name: 'late', tags } };
    given([]).when({ type: 'CreateExperiment', data: { experimentId: 'e', name: 'late', tags, criteria: [auc] }, meta }).then([createdWith, declared(1, [auc])]);
    given([]).when({ type: 'CreateExperiment', data: { experimentId: 'e', name: 'late', tags, criteria: [] }, meta }).thenRefused('INVALID_CRITERIA');
    given([created]).when(byTag(auc)).then([tagged, declared(1, [auc])]);
    given([created, tagged, declared(1, [auc])]).when(byTag(auc)).thenNothing();
    given([created, tagged, declared(1, [auc]), locked(1)]).when(byTag(margin)).then([declared(2, [margin], true)]);
    given([created]).when(byTag()).thenRefused('INVALID_CRITERIA');
    given([created, tagged, declared(1, [auc])]).when({ type: 'RemoveExperimentTag', data: { key: 'cairn.criteria' }, meta }).then([untagged]);
    given([created, tagged, declared(1, [auc]), untagged]).when(declare(auc)).thenNothing();
  });

  it('shows that a declaration came after the first run', () => {
    given([created, declared(1, [auc]), locked(1)]).when(declare(margin)).then([declared(2, [margin], true)]);
    given([created, locked(0)]).when(declare(auc)).then([declared(1, [auc], true)]);
  });

  it('is locked by its first run alone', () => {
    given([created, declared(1, [auc])]).when(lock('r')).then([locked(1)]);
    given([created]).when(lock('r')).then([locked(0)]);
    given([created, locked(0)]).when(lock('r2')).thenNothing();
    given([]).when(lock('r')).thenRefused('EXPERIMENT_NOT_FOUND');
  });

  it('is renamed, tagged, deleted and restored, each once', () => {
    const deleted: ExperimentEvent = { type: 'cairn.tracking.v1.ExperimentDeleted', data: { experimentId: 'e' } };
    const restored: ExperimentEvent = { type: 'cairn.tracking.v1.ExperimentRestored', data: { experimentId: 'e' } };
    const renamed: ExperimentEvent = { type: 'cairn.tracking.v1.ExperimentRenamed', data: { experimentId: 'e', name: 'later' } };
    const tagged: ExperimentEvent = { type: 'cairn.tracking.v1.ExperimentTagsSet', data: { experimentId: 'e', tags: [{ key: 'k', value: 'v' }] } };
    const untagged: ExperimentEvent = { type: 'cairn.tracking.v1.ExperimentTagRemoved', data: { experimentId: 'e', key: 'k' } };
    const remove: ExperimentCommand = { type: 'DeleteExperiment', data: {}, meta };
    const restore: ExperimentCommand = { type: 'RestoreExperiment', data: {}, meta };
    const rename = (name: string): ExperimentCommand => ({ type: 'RenameExperiment', data: { name }, meta });
    const tag: ExperimentCommand = { type: 'SetExperimentTags', data: { tags: [{ key: 'k', value: 'v' }] }, meta };
    const untag: ExperimentCommand = { type: 'RemoveExperimentTag', data: { key: 'k' }, meta };
    given([created]).when(rename('later')).then([renamed]);
    given([created, renamed]).when(rename('later')).thenNothing();
    given([created]).when(rename('')).thenRefused('INVALID_EXPERIMENT_NAME');
    given([created]).when(tag).then([tagged]);
    given([created, tagged]).when(tag).thenNothing();
    given([created, tagged]).when(untag).then([untagged]);
    given([created, tagged, untagged]).when(untag).thenRefused('TAG_NOT_FOUND');
    given([created]).when(remove).then([deleted]);
    given([created, deleted]).when(remove).thenNothing();
    given([created, deleted]).when(restore).then([restored]);
    given([created]).when(restore).thenNothing();
    given([]).when(remove).thenRefused('EXPERIMENT_NOT_FOUND');
    for (const command of [rename('x'), tag, untag, declare(auc), lock('r')]) given([created, deleted]).when(command).thenRefused('EXPERIMENT_DELETED');
    given([created, deleted, restored]).when(tag).then([tagged]);
  });

  it.each([
    ['no criterion', []],
    ['too many', Array.from({ length: 21 }, () => auc)],
    ['no metric', [{ ...auc, metric: '' }]],
    ['a name that is too long', [{ ...auc, metric: 'm'.repeat(251) }]],
    ['an unknown comparison', [{ ...auc, comparison: '==' }]],
    ['a threshold that is no number', [{ ...auc, threshold: NaN }]],
    ['itself as baseline', [{ ...auc, baselineMetric: 'auc' }]],
    ['a negative sample', [{ ...auc, minimumSample: -1n }]],
    ['a sample that nothing counts', [{ ...auc, minimumSample: 100n }]],
    ['a metric outside its slice', [{ ...auc, slice: 'JFK' }]],
    ['a sample outside its slice', [{ ...ofSlice, sampleMetric: 'rows' }]],
    ['two baselines', [{ ...margin, baseline: found }]],
    ['a baseline of no kind', [{ ...auc, baseline: { ...found, kind: 'guess' } }]],
    ['a baseline that is no number', [{ ...auc, baseline: { ...found, value: NaN } }]],
    ['an infinite baseline', [{ ...auc, baseline: { ...found, value: Infinity } }]],
  ])('refuses criteria with %s', (_, criteria) => {
    given([created]).when(declare(...criteria)).thenRefused('INVALID_CRITERIA');
  });
});
