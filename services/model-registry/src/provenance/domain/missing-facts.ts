import type { Origin } from '../facts/origin.js';
import { codeCommit, environmentOf, inputsOf, sha256Of } from './dependencies.js';

/** Fits an event with everything beside it. */
const MAX_SENTENCES = 30;
const MAX_NAMED = 5;

/** What whoever reads the statement might expect and will not find, each as a sentence. */
export function missingFacts(origin: Origin): string[] {
  const { version, files } = origin;
  const content = version.digest === '' && files.size === 0 ? ['No digest of the version’s content is known: its source is a place that the log says nothing about.'] : [];
  return [...content, ...ofRun(origin), ...ofData(origin)].slice(0, MAX_SENTENCES);
}

function ofRun(origin: Origin): string[] {
  const { version, run, job, unreadEvents } = origin;
  if (version.runId === '') return ['The version names no run.'];
  if (run === undefined) return [`The log holds no run ${version.runId} in this workspace.`];
  const said: [boolean, string][] = [
    [run.finish === undefined, 'The run has not finished.'],
    [run.finish !== undefined && run.finish.status !== 'FINISHED', `The run ended as ${run.finish?.status ?? ''}.`],
    [job === undefined, 'No job of the scheduler has reported the run: how and where it was executed is the client’s word.'],
    [codeCommit(origin) === undefined, 'The commit of the code is not known: the run has no tag mlflow.source.git.commit with a whole commit id.'],
    [environmentOf(origin).length === 0, 'The environment is not known: neither a lock file among the artifacts nor the tag cairn.environment.digest.'],
    [run.params.size === 0, 'The run logged no parameters.'],
    [run.criteriaVersion === 0 && run.judged === undefined, 'No success criteria were in force when the run started.'],
    [run.criteriaVersion > 0 && run.judged === undefined, 'The run has not been judged by its criteria.'],
    [run.judged?.verdict === 'inconclusive', 'The criteria of the run are inconclusive.'],
    [unreadEvents > 0, `The run has very many events; ${unreadEvents} in their middle were not read, so that metrics may be missing.`],
  ];
  return said.filter(([holds]) => holds).map(([, sentence]) => sentence);
}

function ofData(origin: Origin): string[] {
  const { version, trainingSet, datasets } = origin;
  const inputs = inputsOf(origin);
  if (version.trainingSetId === '') {
    const unnamed = inputs.filter(({ digest }) => sha256Of(digest) === undefined).map(({ name }) => name);
    if (inputs.length === 0) return ['No training data is named: the version has no training set, and its run no inputs.'];
    const shown = [...new Set(unnamed)].slice(0, MAX_NAMED).map((name) => name.slice(0, 100)).join(', ');
    return unnamed.length === 0 ? [] : [`The SHA-256 of some inputs is not known, only what the client calls a digest: ${shown}.`];
  }
  if (trainingSet === undefined) return [`The log holds no training set ${version.trainingSetId} in this workspace.`];
  const wanted = new Set([trainingSet.requested.datasetVersionId, ...trainingSet.requested.historyVersionIds]);
  const said: [boolean, string][] = [
    [trainingSet.built === undefined, 'The training set was never built.'],
    [trainingSet.leakage !== 'passed', trainingSet.leakage === 'found' ? 'The leakage check of the training set found leakage.' : 'The training set was not checked for leakage.'],
    [datasets.length < wanted.size, `Of ${wanted.size} dataset versions behind the training set the log shows ${datasets.length}.`],
    [datasets[0] !== undefined && datasets[0].certified === undefined, 'The dataset version behind the training set is not certified.'],
    [datasets.some(({ quarantined }) => quarantined !== ''), 'A dataset version behind the training set is quarantined.'],
  ];
  return said.filter(([holds]) => holds).map(([, sentence]) => sentence);
}
