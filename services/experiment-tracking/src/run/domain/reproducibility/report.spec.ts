import { describe, expect, it } from 'vitest';
import type { RunRecord } from './facts.js';
import { isLockFile } from './parts.js';
import { PARTS, reproducibilityOf } from './report.js';

const empty: RunRecord = { runId: 'r', tags: [], params: [], inputs: [], artifacts: [], metricKeys: [] };
const pairs = (values: Record<string, string>) => Object.entries(values).map(([key, value]) => ({ key, value }));
const chosen = (values: Record<string, string>) => pairs(values).map((pair) => ({ ...pair, origin: 'set', library: '', libraryVersion: '' }));
const whole: RunRecord = {
  runId: 'r',
  tags: pairs({
    'mlflow.source.git.commit': 'a1b2', 'mlflow.source.git.repoURL': 'git@host:team/flights', 'mlflow.source.git.dirty': 'false', 'mlflow.source.name': 'train.py',
    'cairn.hardware.cpu_count': '8',
  }),
  params: chosen({ random_state: '42' }),
  inputs: [{ name: 'flights', digest: `sha256:${'a'.repeat(64)}`, context: 'training' }],
  artifacts: [{ path: 'model/requirements.txt', digest: 'sha256:b' }],
  metricKeys: ['auc'],
};
const part = (name: (typeof PARTS)[number], record: Partial<RunRecord>) => reproducibilityOf({ ...empty, ...record }).parts.find((one) => one.part === name);
const missing = (name: (typeof PARTS)[number], record: Partial<RunRecord>) => part(name, record)?.missing.map(({ what }) => what);
const known = (name: (typeof PARTS)[number], record: Partial<RunRecord>) => part(name, record)?.known.map(({ value, from }) => [value, from]);

describe('reproducibility', () => {
  it('is complete when every part is recorded', () => {
    expect(reproducibilityOf(whole)).toMatchObject({ verdict: 'complete', runId: 'r' });
    expect(reproducibilityOf(whole).parts.map((one) => one.part)).toEqual([...PARTS]);
  });

  it('misses all of a run that says nothing, with how to supply each', () => {
    const { verdict, parts } = reproducibilityOf(empty);
    expect([verdict, parts.flatMap((one) => one.known)]).toEqual(['incomplete', []]);
    for (const one of parts) expect(one.missing[0]?.how).toMatch(/mlflow\./);
  });

  it.each<[string, Partial<RunRecord>]>([
    ['tags', { tags: [] }], ['params', { params: [] }], ['inputs', { inputs: [] }], ['artifacts', { artifacts: [] }],
  ])('is incomplete without %s', (_, change) => {
    expect(reproducibilityOf({ ...whole, ...change }).verdict).toBe('incomplete');
  });

  it.each([
    [{ 'mlflow.source.git.dirty': 'true' }, ['code version', 'repository', 'uncommitted changes: there were some']],
    [{ 'mlflow.source.git.dirty': 'False' }, ['code version', 'repository']],
    [{ 'mlflow.source.git.diff': '--- a' }, ['code version', 'repository']],
    [{ 'mlflow.source.git.commit': 'a1', 'mlflow.source.git.repoURL': 'u' }, ['uncommitted changes: nobody said whether there were any']],
  ])('of code with %j misses %j', (tags, expected) => {
    expect(missing('code', { tags: pairs(tags) })).toEqual(expected);
  });

  it.each([
    ['sha256:' + 'a'.repeat(29), []], ['a'.repeat(36), []], ['a1b2c3d4', ['digest of the whole content of d: a1b2c3d4 is too short to be one']],
    ['version-3', ['digest of the whole content of d: version-3 is too short to be one']],
  ])('takes the digest %s of data for its content or not', (digest, expected) => {
    const record = { inputs: [{ name: 'd', digest, context: '' }] };
    expect(missing('data', record)).toEqual(expected);
    expect(known('data', record)).toEqual([[digest, 'input d']]);
  });

  it.each([
    ['seed', '1', 1], ['random_state', '42', 1], ['model.random_seed', '7', 1], ['numpy_seed', '7', 1], ['random_state', 'None', 0],
    ['seed', '', 0], ['seeding', '1', 0], ['linseed', '1', 0],
  ])('reads the seed %s = %j', (key, value, count) => {
    expect(known('seeds', { params: chosen({ [key]: value }) })).toHaveLength(count);
    expect(missing('seeds', { params: chosen({ [key]: value }) })).toHaveLength(1 - count);
  });

  it('finds environment and libraries in lock files, tags and defaults', () => {
    expect(known('environment', { artifacts: [{ path: 'uv.lock', digest: 'sha256:a' }, { path: 'notes.lock', digest: 'sha256:b' }] })).toEqual([['sha256:a', 'artifact uv.lock']]);
    expect(known('environment', { tags: pairs({ 'cairn.environment.digest': 'sha256:c' }) })).toEqual([['sha256:c', 'tag cairn.environment.digest']]);
    const params = [{ key: 'c', value: '1', origin: 'default', library: 'scikit-learn', libraryVersion: '1.9' }];
    expect(known('libraries', { params, tags: pairs({ 'cairn.library.numpy': '2.1' }) })).toEqual([['2.1', 'tag cairn.library.numpy'], ['1.9', 'default of param c']]);
    expect(['a/poetry.lock', 'conda.yaml', 'requirements.txt'].every(isLockFile)).toBe(true);
  });

  it('counts GPUs that were seen, which does not say what the machine was', () => {
    const metricKeys = ['system/gpu_0_power_usage_watts', 'system/gpu_0_utilization_percentage', 'system/gpu_1_power_usage_watts', 'gpu_2_x'];
    expect(known('hardware', { metricKeys })).toEqual([['2', 'metrics system/gpu_…']]);
    expect(missing('hardware', { metricKeys })).toEqual(['hardware']);
  });
});
