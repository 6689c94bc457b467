import { describe, expect, it } from 'vitest';
import type { NewVersion } from './commands.js';
import type { RunEvidence } from './evidence.js';
import type { Judged } from './judged.js';
import { judgeGates, worstOf } from './gates.js';

const tensor = { name: 'x', datatype: 'FP32', shape: [-1n, 2n], columns: [] };
const version: NewVersion = {
  versionId: 'v', modelId: 'm', modelName: 'late', version: 1, runId: 'r', source: 'runs:/r/model.onnx', digest: 'sha256:a', sizeBytes: 1n,
  signature: { inputs: [tensor], outputs: [tensor] }, trainingSetId: 't', goldenDigest: 'sha256:g', description: '', tags: [],
  storageLocation: '', copiedFromVersionId: '', loggedModelId: '', runLink: '',
};
const criterion = { metric: 'auc', comparison: '>=', threshold: 0.68, baselineMetric: '', sampleMetric: '', minimumSample: 0n };
const finished = (verdict: string, observed: number): RunEvidence => ({
  outcome: 'FINISHED', criteriaVersion: 1, verdict, results: [{ criterion, verdict, observed, required: 0.68 }],
});
const trainingSet = { name: 'flights', built: true, rowCount: 100n, leakage: 'passed' as const, rowsChecked: 100n, findings: [] };
const datasetVersion = { datasetName: 'flights', version: 2, certified: 'golden', contractVersion: '1.0.0', quarantined: '' };
const nobody = { consumers: [], freezes: [], now: '2001-04-01T00:00:00.000000Z' };
const complete: Judged = { ...nobody, run: finished('pass', 0.706), trainingSet, datasetVersion, approvers: ['bob'], authors: ['ada', 'scheduler'] };
const nothing: Judged = { ...nobody, approvers: [], authors: ['ada', 'scheduler'] };

const judged = (gate: string, evidence: Judged, changes: Partial<NewVersion> = {}) => {
  const [result] = judgeGates([gate], { ...version, ...changes }, evidence);
  return [result?.verdict, result?.evidence];
};

describe('gates', () => {
  const all = ['criteria-met', 'leakage-check-passed', 'data-certified', 'lineage-complete', 'signature-present', 'approved-by-another'];

  it('pass with complete evidence', () => {
    expect(judgeGates(all, version, complete).map(({ verdict }) => verdict)).toEqual(all.map(() => 'pass'));
  });

  it('never take a missing fact for success', () => {
    for (const gate of all.filter((one) => one !== 'signature-present')) expect(judged(gate, nothing)[0]).toBe('inconclusive');
    expect(judged('criteria-met', complete, { runId: '' })[0]).toBe('inconclusive');
    expect(judged('leakage-check-passed', complete, { trainingSetId: '' })[0]).toBe('inconclusive');
    expect(judged('data-certified', complete, { trainingSetId: '' })[0]).toBe('inconclusive');
    expect(judged('of-a-later-version', complete)[0]).toBe('inconclusive');
  });

  it('criteria-met says what was compared', () => {
    expect(judged('criteria-met', complete)).toEqual(['pass', 'auc 0.706 is at least 0.68 (criteria version 1, run r ended as FINISHED).']);
    expect(judged('criteria-met', { ...nothing, run: finished('fail', 0.661) })).toEqual([
      'fail', 'auc 0.661 is below 0.68 (criteria version 1, run r ended as FINISHED).',
    ]);
    expect(judged('criteria-met', { ...nothing, run: { ...finished('pass', 1), outcome: '', verdict: '' } })).toEqual(['inconclusive', 'Run r has not finished.']);
    expect(judged('criteria-met', { ...nothing, run: { ...finished('', 1), criteriaVersion: 0 } })).toEqual([
      'inconclusive', 'No criteria were declared when run r started.',
    ]);
    expect(judged('criteria-met', { ...nothing, run: { ...finished('', 1), results: [] } })).toEqual(['inconclusive', 'Run r has not been judged.']);
  });

  it('leakage-check-passed repeats what leaked', () => {
    expect(judged('leakage-check-passed', { ...nothing, trainingSet: { ...trainingSet, leakage: 'found', findings: ['hour was known 12 min late'] } })).toEqual([
      'fail', 'Training set flights leaks: hour was known 12 min late',
    ]);
    expect(judged('leakage-check-passed', { ...nothing, trainingSet: { ...trainingSet, leakage: 'unchecked' } })[0]).toBe('inconclusive');
  });

  it('data-certified wants the golden version behind the training set', () => {
    expect(judged('data-certified', { ...complete, datasetVersion: { ...datasetVersion, certified: '' } })).toEqual([
      'fail', 'Version 2 of flights is not certified golden.',
    ]);
    expect(judged('data-certified', { ...complete, datasetVersion: { ...datasetVersion, quarantined: '41 rows violate' } })).toEqual([
      'fail', 'Version 2 of flights is quarantined: 41 rows violate',
    ]);
    expect(judged('data-certified', { ...nothing, trainingSet })[0]).toBe('inconclusive');
  });

  it('lineage-complete lists what is not known', () => {
    expect(judged('lineage-complete', { ...nothing, trainingSet: { ...trainingSet, built: false } }, { digest: '', goldenDigest: '' })).toEqual([
      'inconclusive', "Not known: the run, the rows of the training set, the dataset version, the model's digest, the golden answer.",
    ]);
    expect(judged('lineage-complete', { ...complete, run: { ...finished('pass', 1), jobId: 'j' } })[1]).toContain('of job j');
  });

  it('signature-present wants inputs and outputs', () => {
    expect(judged('signature-present', complete, { signature: { inputs: [tensor], outputs: [] } })).toEqual(['fail', 'The signature names 1 inputs and 0 outputs.']);
    expect(judged('signature-present', complete, { signature: undefined })[0]).toBe('fail');
  });

  it('approved-by-another counts nobody who made it', () => {
    expect(judged('approved-by-another', complete)).toEqual(['pass', 'Approved by bob; made by ada and scheduler.']);
    expect(judged('approved-by-another', { ...complete, approvers: ['ada', 'scheduler'] })[0]).toBe('inconclusive');
  });

  it('contract-compatible wants what is in use to go on without a change', () => {
    const used = (changes: Partial<typeof tensor> = {}, number = 3) => ({
      version: number, usedBy: 'deployment late', signature: { inputs: [{ ...tensor, ...changes }], outputs: [tensor] },
    });
    const against = (...consumers: Judged['consumers'][number][]) => judged('contract-compatible', { ...nothing, consumers });
    expect(against()).toEqual(['pass', 'Nobody uses another version of the model now.']);
    expect(against({ ...used(), version: 1 })[0]).toBe('pass');
    expect(against(used())).toEqual(['pass', 'Takes and gives what deployment late (version 3) sends and reads.']);
    expect(against(used({ shape: [8n, 2n] }))[0]).toBe('pass');
    expect(against(used({ shape: [-1n, 3n] }))).toEqual(['fail', 'input x has shape [-1, 2], not [-1, 3] (version 3, deployment late)']);
    expect(against(used({ datatype: 'FP64' }))[1]).toContain('input x is FP32, not FP64');
    expect(against(used({ name: 'z' }))[1]).toBe('input z is gone (version 3, deployment late); input x is new, and nobody sends it (version 3, deployment late)');
    expect(against({ version: 3, usedBy: 'alias champion' })).toEqual(['inconclusive', 'Without a signature: version 3 of alias champion.']);
    expect(judged('contract-compatible', { ...nothing, consumers: [used()] }, { signature: undefined })[0]).toBe('inconclusive');
  });

  it('budgets are compared with what was measured, never with what was not', () => {
    const budget = { maxSizeBytes: 10n, maxP99LatencyMs: 20, minRequests: 100n };
    const measurement = { versionId: 'v', p50LatencyMs: 5, p99LatencyMs: 19, requests: 100n, conditions: '2 vCPU' };
    expect(judged('size-within-budget', nothing)[0]).toBe('inconclusive');
    expect(judged('size-within-budget', { ...nothing, budget })).toEqual(['pass', '1 bytes are within 10.']);
    expect(judged('size-within-budget', { ...nothing, budget }, { sizeBytes: 11n })).toEqual(['fail', '11 bytes are more than 10.']);
    expect(judged('size-within-budget', { ...nothing, budget }, { digest: '' })[0]).toBe('inconclusive');
    expect(judged('latency-within-budget', { ...nothing, measurement })[0]).toBe('inconclusive');
    expect(judged('latency-within-budget', { ...nothing, budget })).toEqual(['inconclusive', 'Nobody has measured the latency of the version.']);
    expect(judged('latency-within-budget', { ...nothing, budget, measurement })).toEqual(['pass', 'p99 19 ms over 100 requests (2 vCPU) is within 20 ms.']);
    expect(judged('latency-within-budget', { ...nothing, budget, measurement: { ...measurement, requests: 99n } })[0]).toBe('inconclusive');
    expect(judged('latency-within-budget', { ...nothing, budget, measurement: { ...measurement, p99LatencyMs: 21 } })[0]).toBe('fail');
  });

  it('not-frozen holds outside of every window, whose end is outside', () => {
    const freeze = { from: '2001-03-31T00:00:00.000000Z', to: '2001-04-01T00:00:00.000001Z', reason: 'quarter end' };
    expect(judged('not-frozen', nothing)).toEqual(['pass', 'No freeze holds at 2001-04-01T00:00:00.000000Z.']);
    expect(judged('not-frozen', { ...nothing, freezes: [{ ...freeze, to: '2001-04-02T00:00:00.000000Z' }] })).toEqual([
      'fail', 'Frozen from 2001-03-31T00:00:00.000000Z until 2001-04-02T00:00:00.000000Z: quarter end',
    ]);
    expect(judged('not-frozen', { ...nothing, freezes: [{ ...freeze, to: nothing.now }] })[0]).toBe('pass');
  });

  it('are as good as the worst of them', () => {
    const result = (verdict: 'pass' | 'fail' | 'inconclusive') => ({ gate: 'g', verdict, evidence: '' });
    expect(worstOf([result('pass'), result('inconclusive'), result('fail')])).toBe('fail');
    expect(worstOf([result('pass'), result('inconclusive')])).toBe('inconclusive');
    expect(worstOf([result('pass')])).toBe('pass');
    expect(worstOf([])).toBe('pass');
  });
});
