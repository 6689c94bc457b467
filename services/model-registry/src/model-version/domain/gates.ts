import type { Plain, registry } from '@cairn/contracts';
import type { NewVersion } from './commands.js';
import type { Judged } from './judged.js';
import { contractCompatible } from './contract-gate.js';
import { criterionSentence } from './sentence.js';
import { latencyWithinBudget, notFrozen, sizeWithinBudget } from './usage-gates.js';

export type Verdict = 'pass' | 'fail' | 'inconclusive';
export type GateResult = Plain<registry.GateResult> & { readonly verdict: Verdict };
export type Finding = readonly [verdict: Verdict, evidence: string];

/** What leaked, or does not fit, may be long; the whole of it is where it was found. */
const MAX_EVIDENCE_LENGTH = 2_000;

const judges: Readonly<Record<string, (version: NewVersion, evidence: Judged) => Finding>> = {
  'criteria-met': criteriaMet,
  'leakage-check-passed': leakageCheckPassed,
  'data-certified': dataCertified,
  'lineage-complete': lineageComplete,
  'signature-present': signaturePresent,
  'approved-by-another': approvedByAnother,
  'contract-compatible': contractCompatible,
  'size-within-budget': sizeWithinBudget,
  'latency-within-budget': latencyWithinBudget,
  'not-frozen': notFrozen,
};

/** Every gate with what it compared. A fact that is missing makes a gate inconclusive, which is never success. */
export function judgeGates(gates: readonly string[], version: NewVersion, evidence: Judged): readonly GateResult[] {
  return gates.map((gate) => {
    const [verdict, text] = judges[gate]?.(version, evidence) ?? (['inconclusive', 'This version of Cairn does not know the gate.'] as const);
    return { gate, verdict, evidence: text.length > MAX_EVIDENCE_LENGTH ? `${text.slice(0, MAX_EVIDENCE_LENGTH)}…` : text };
  });
}

/** The worst of all; an alias without gates lets everybody pass, and the record shows that nothing was compared. */
export function worstOf(results: readonly GateResult[]): Verdict {
  const verdicts = results.map(({ verdict }) => verdict);
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'pass';
}

function criteriaMet({ runId }: NewVersion, { run }: Judged): Finding {
  if (runId === '') return ['inconclusive', 'The version names no run.'];
  if (run === undefined) return ['inconclusive', `Run ${runId} is not in the log.`];
  if (run.outcome === '') return ['inconclusive', `Run ${runId} has not finished.`];
  if (run.criteriaVersion === 0) return ['inconclusive', `No criteria were declared when run ${runId} started.`];
  const sentences = run.results.filter(({ verdict }) => run.verdict === 'pass' || verdict !== 'pass').map(criterionSentence);
  const text = `${sentences.join('; ')} (criteria version ${run.criteriaVersion}, run ${runId} ended as ${run.outcome}).`;
  if (run.verdict === 'pass' || run.verdict === 'fail') return [run.verdict, text];
  return ['inconclusive', run.verdict === '' ? `Run ${runId} has not been judged.` : text];
}

function leakageCheckPassed({ trainingSetId }: NewVersion, { trainingSet }: Judged): Finding {
  if (trainingSetId === '') return ['inconclusive', 'The version names no training set.'];
  if (trainingSet === undefined) return ['inconclusive', `Training set ${trainingSetId} is not in the log.`];
  const { name, leakage, rowsChecked, findings } = trainingSet;
  switch (leakage) {
    case 'passed':
      return ['pass', `No feature of training set ${name} was known too late, over ${rowsChecked} rows.`];
    case 'found':
      return ['fail', `Training set ${name} leaks: ${findings.join('; ')}`];
    case 'unchecked':
      return ['inconclusive', `Training set ${name} has not been checked for leakage.`];
    default: {
      const unhandled: never = leakage;
      return unhandled;
    }
  }
}

function dataCertified({ trainingSetId }: NewVersion, { trainingSet, datasetVersion }: Judged): Finding {
  if (trainingSetId === '') return ['inconclusive', 'The version names no training set.'];
  if (trainingSet === undefined) return ['inconclusive', `Training set ${trainingSetId} is not in the log.`];
  if (datasetVersion === undefined) return ['inconclusive', `The dataset version behind training set ${trainingSet.name} is not in the log.`];
  const { datasetName, version, certified, contractVersion, quarantined } = datasetVersion;
  if (quarantined !== '') return ['fail', `Version ${version} of ${datasetName} is quarantined: ${quarantined}`];
  if (certified !== 'golden') return ['fail', `Version ${version} of ${datasetName} is not certified golden.`];
  return ['pass', `Version ${version} of ${datasetName} is certified golden under contract version ${contractVersion}.`];
}

function lineageComplete(version: NewVersion, { run, trainingSet, datasetVersion }: Judged): Finding {
  const missing = [
    run === undefined && 'the run',
    trainingSet === undefined && 'the training set',
    trainingSet?.built === false && 'the rows of the training set',
    datasetVersion === undefined && 'the dataset version',
    version.digest === '' && "the model's digest",
    version.goldenDigest === '' && 'the golden answer',
  ].filter((part) => part !== false);
  if (missing.length > 0) return ['inconclusive', `Not known: ${missing.join(', ')}.`];
  const job = run?.jobId === undefined ? '' : ` of job ${run.jobId}`;
  return [
    'pass',
    `Run ${version.runId}${job}, training set ${trainingSet?.name} of ${trainingSet?.rowCount} rows, ` +
      `version ${datasetVersion?.version} of ${datasetVersion?.datasetName} and golden answer ${version.goldenDigest} are in the log.`,
  ];
}

function signaturePresent({ signature }: NewVersion): Finding {
  const [inputs, outputs] = [signature?.inputs.length ?? 0, signature?.outputs.length ?? 0];
  return [inputs > 0 && outputs > 0 ? 'pass' : 'fail', `The signature names ${inputs} inputs and ${outputs} outputs.`];
}

function approvedByAnother(_: NewVersion, { approvers, authors }: Judged): Finding {
  const others = approvers.filter((approver) => !authors.includes(approver));
  if (others.length === 0) return ['inconclusive', `Nobody other than ${authors.join(' and ')}, who made it, has approved the version.`];
  return ['pass', `Approved by ${others.join(', ')}; made by ${authors.join(' and ')}.`];
}
