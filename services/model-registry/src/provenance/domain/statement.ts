import type { Plain, tracking } from '@cairn/contracts';
import type { Origin } from '../facts/origin.js';
import { dependenciesOf, type Resource } from './dependencies.js';
import { missingFacts } from './missing-facts.js';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PREDICATE_TYPE = 'https://slsa.dev/provenance/v1';
/** What the parameters and dependencies mean is in the service's README. */
export const BUILD_TYPE = 'cairn:build-type/training-run/v1';
const SCHEDULER = 'cairn:builder/training-scheduler';
/** Somebody's notebook: nothing of ours saw it happen. */
const UNOBSERVED = 'cairn:builder/unobserved-client';
const MAX_FILES = 1_000;

export interface Statement {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: typeof PREDICATE_TYPE;
  readonly predicate: object;
}

export interface BuiltStatement {
  /** Undefined when no digest of the version's content is known: there is nothing to speak about. */
  readonly statement?: Statement;
  /** Sentences. */
  readonly missing: readonly string[];
}

/**
 * The in-toto Statement v1 with SLSA provenance v1 that the facts allow: the same facts give the same statement, because nothing in it is of the moment of
 * signing. Formats: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and https://slsa.dev/spec/v1.0/provenance.
 */
export function buildStatement(origin: Origin): BuiltStatement {
  const missing = missingFacts(origin);
  const subject = subjectOf(origin);
  if (subject.length === 0) return { missing };
  const { version, run, job, trainingSet } = origin;
  const params = run === undefined ? [] : [...run.params.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
  const startedOn = job !== undefined && job.startedAt !== '' ? job.startedAt : timeOf(run?.startTimeMs);
  const finishedOn = timeOf(run?.finish?.endTimeMs);
  const predicate = {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        model: version.modelName,
        version: version.version,
        source: version.source,
        parameters: Object.fromEntries(params.filter(({ origin: from }) => from !== 'default').map(({ key, value }) => [key, value])),
        ...(trainingSet !== undefined && { training: trainingOf(trainingSet.requested) }),
      },
      internalParameters: {
        defaults: Object.fromEntries(params.filter(({ origin: from }) => from === 'default').map(({ key, ...param }) => [key, defaultOf(param)])),
        ...(job !== undefined && { program: job.program }),
      },
      resolvedDependencies: dependenciesOf(origin),
    },
    runDetails: {
      builder: { id: job === undefined ? UNOBSERVED : SCHEDULER },
      metadata: {
        ...(job !== undefined ? { invocationId: `cairn:job/${job.jobId}` } : run !== undefined && { invocationId: `cairn:run/${run.runId}` }),
        ...(startedOn !== undefined && { startedOn }),
        ...(finishedOn !== undefined && { finishedOn }),
      },
      byproducts: byproductsOf(origin),
    },
    // A field of ours, which SLSA has verifiers ignore.
    cairn_missing: missing,
  };
  return { statement: { _type: STATEMENT_TYPE, subject, predicateType: PREDICATE_TYPE, predicate }, missing };
}

function subjectOf({ version, files }: Origin): Statement['subject'] {
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, MAX_FILES);
  return [
    ...(version.digest === '' ? [] : [{ name: `${version.modelName}/${version.version}`, digest: { sha256: hexOf(version.digest) } }]),
    ...sorted.map(([path, { digest }]) => ({ name: path, digest: { sha256: hexOf(digest) } })),
  ];
}

function trainingOf(requested: NonNullable<Origin['trainingSet']>['requested']) {
  const { name, featureServiceName, featureServiceVersion, label, predictionTime, from, to, sampleEvery } = requested;
  return { name, feature_service: `${featureServiceName}/${featureServiceVersion}`, label, prediction_time: predictionTime, from, to, sample_every: sampleEvery };
}

function defaultOf({ value, library, libraryVersion }: Omit<Plain<tracking.Param>, 'key'>) {
  return { value, library, library_version: libraryVersion };
}

function byproductsOf({ run, trainingSet }: Origin): Resource[] {
  if (run === undefined) return [];
  const metrics = Object.fromEntries([...run.metrics].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, { value }]) => [key, numberOf(value)]));
  const { judged } = run;
  return [
    { name: 'metrics', uri: `cairn:run/${run.runId}#metrics`, annotations: metrics },
    ...(judged === undefined
      ? []
      : [
          {
            name: 'criteria',
            uri: `cairn:run/${run.runId}#criteria`,
            annotations: { criteria_version: judged.criteriaVersion, verdict: judged.verdict, results: judged.results.map(resultOf) },
          },
        ]),
    ...(trainingSet === undefined
      ? []
      : [{ name: 'leakage-check', uri: `cairn:training-set/${trainingSet.requested.trainingSetId}#leakage`, annotations: { result: trainingSet.leakage } }]),
  ];
}

function resultOf({ criterion, verdict, observed, required }: Plain<tracking.CriterionResult>) {
  return {
    metric: criterion?.metric ?? '',
    comparison: criterion?.comparison ?? '',
    verdict,
    ...(observed !== undefined && { observed: numberOf(observed) }),
    ...(required !== undefined && { required: numberOf(required) }),
  };
}

/** JSON has no word for these. */
export function numberOf(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

export function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '');
}

/** RFC 3339; undefined for a moment that no calendar has. */
function timeOf(timeMs: bigint | undefined): string | undefined {
  if (timeMs === undefined || timeMs <= 0n || timeMs > 253_402_300_799_999n) return undefined;
  return new Date(Number(timeMs)).toISOString();
}
