import type { catalog, EventOf, features, Plain, scheduler } from '@cairn/contracts';
import type { Actor } from '@cairn/kernel';

/** An event of the log, decoded, with who and when. */
export interface Fact {
  readonly type: string;
  readonly data: object;
  /** RFC 3339 UTC. */
  readonly time: string;
  readonly actor: Actor;
}

type SetEvent = EventOf<features.TrainingSetRequested | features.LeakageFound | features.LeakageCheckPassed | features.TrainingSetBuilt>;
type DataEvent = EventOf<catalog.DatasetVersionRegistered | catalog.ContractChecked | catalog.DatasetVersionQuarantined | catalog.DatasetVersionCertified>;
type JobEvent = EventOf<scheduler.JobSubmitted | scheduler.JobStarted | scheduler.JobSucceeded | scheduler.JobFailed>;

export interface TrainingSetFacts {
  readonly requested: Plain<features.TrainingSetRequested>;
  readonly built?: Plain<features.TrainingSetBuilt>;
  readonly leakage: 'passed' | 'found' | 'unchecked';
}

export interface DatasetVersionFacts {
  readonly registered: Plain<catalog.DatasetVersionRegistered>;
  readonly registeredAt: string;
  readonly checked?: Plain<catalog.ContractChecked>;
  readonly certified?: { readonly level: string; readonly contractId: string; readonly contractVersion: string; readonly by: string; readonly at: string };
  /** The reason; empty unless it is quarantined. */
  readonly quarantined: string;
}

export interface JobFacts {
  readonly jobId: string;
  readonly program: string;
  readonly submittedBy: string;
  /** Of the last attempt; empty before it began. */
  readonly startedAt: string;
  readonly host: string;
  /** Empty while it runs. */
  readonly finishedAt: string;
}

export function foldTrainingSet(facts: readonly Fact[]): TrainingSetFacts | undefined {
  let set: TrainingSetFacts | undefined;
  for (const { type, data } of facts) {
    const event = { type, data } as SetEvent;
    if (event.type === 'cairn.features.v1.TrainingSetRequested') set = { requested: event.data, leakage: 'unchecked' };
    else if (set === undefined) continue;
    else if (event.type === 'cairn.features.v1.TrainingSetBuilt') set = { ...set, built: event.data };
    else if (event.type === 'cairn.features.v1.LeakageFound') set = { ...set, leakage: 'found' };
    else if (event.type === 'cairn.features.v1.LeakageCheckPassed') set = { ...set, leakage: 'passed' };
  }
  return set;
}

export function foldDatasetVersion(facts: readonly Fact[]): DatasetVersionFacts | undefined {
  let version: DatasetVersionFacts | undefined;
  for (const { type, data, time, actor } of facts) {
    const event = { type, data } as DataEvent;
    if (event.type === 'cairn.catalog.v1.DatasetVersionRegistered') version = { registered: event.data, registeredAt: time, quarantined: '' };
    else if (version === undefined) continue;
    else if (event.type === 'cairn.catalog.v1.ContractChecked') version = { ...version, checked: event.data };
    else if (event.type === 'cairn.catalog.v1.DatasetVersionQuarantined') version = { ...version, quarantined: event.data.reason };
    else if (event.type === 'cairn.catalog.v1.DatasetVersionCertified') {
      const { level, contractId, contractVersion } = event.data;
      version = { ...version, certified: { level, contractId, contractVersion, by: actor.onBehalfOf ?? actor.principal, at: time } };
    }
  }
  return version;
}

/** Environment variables and arguments are left out: what a job is told may be secret. */
export function foldJob(facts: readonly Fact[]): JobFacts | undefined {
  let job: JobFacts | undefined;
  for (const { type, data, time, actor } of facts) {
    const event = { type, data } as JobEvent;
    if (event.type === 'cairn.scheduler.v1.JobSubmitted') {
      const { jobId, spec } = event.data;
      job = { jobId, program: spec?.program ?? '', submittedBy: actor.onBehalfOf ?? actor.principal, startedAt: '', host: '', finishedAt: '' };
    } else if (job === undefined) continue;
    else if (event.type === 'cairn.scheduler.v1.JobStarted') job = { ...job, startedAt: time, host: event.data.host };
    else if (event.type === 'cairn.scheduler.v1.JobSucceeded' || event.type === 'cairn.scheduler.v1.JobFailed') job = { ...job, finishedAt: time };
  }
  return job;
}

/** The rules of one version of a contract, or undefined when it was never published. */
export function foldContract(facts: readonly Fact[], version: string): Plain<catalog.ContractPublished> | undefined {
  let contract: Plain<catalog.ContractPublished> | undefined;
  for (const { type, data } of facts) {
    const event = { type, data } as EventOf<catalog.ContractPublished>;
    if (event.type === 'cairn.catalog.v1.ContractPublished' && event.data.version === version) contract = event.data;
  }
  return contract;
}
