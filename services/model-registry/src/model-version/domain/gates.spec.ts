import { describe, expect, it } from 'vitest';
import type { NewVersion } from './commands.js';
import type { Evidence, RunEvidence } from './evidence.js';
import { judgeGates, worstOf } from './gates.js';

const tensor = { name: 'x', datatype: 'FP32', shape: [-1n, 2n], columns: [] };
const version: NewVersion = {
  versionId: 'v', modelId: 'm', modelName: 'late', version: 1, runId: 'r', source: 'runs:/r/model.onnx', digest: 'sha256:a', sizeBytes: 1n,
  signature: { inputs: [tensor], outputs: [tensor] }, trainingSetId: 't', goldenDigest: 'sha256:g', description: '', tags: [],
};
const criterion = { metric: 'auc', comparison: '>=', threshold: 0.68, baselineMetric: '', sampleMetric: '', minimumSample: 0n };
const finished = (verdict: string, observed: number): RunEvidence => ({
  outcome: 'FINISHED', criteriaVersion: 1, verdict, results: [{ criterion, verdict, observed, required: 0.68 }],
});
const trainingSet = { name: 'flights', built: true, rowCount: 100n, leakage: 'passed' as const, rowsChecked: 100n, findings: [] };
const datasetVersion = { datasetName: 'flights', version: 2, certified: 'golden', contractVersion: '1.0.0', quarantined: '' };
const complete: Evidence = { run: finished('pass', 0.706), trainingSet, datasetVersion, approvers: ['bob'], authors: ['ada', 'scheduler'] };
const nothing: Evidence = { approvers: [], authors: ['ada', 'scheduler'] };

const judged = (gate: string, evidence: Evidence, changes: Partial<NewVersion> = {}) => {
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

  it('are as good as the worst of them', () => {
    const result = (verdict: 'pass' | 'fail' | 'inconclusive') => ({ gate: 'g', verdict, evidence: '' });
    expect(worstOf([result('pass'), result('inconclusive'), result('fail')])).toBe('fail');
    expect(worstOf([result('pass'), result('inconclusive')])).toBe('inconclusive');
    expect(worstOf([result('pass')])).toBe('pass');
    expect(worstOf([])).toBe('pass');
  });
});
