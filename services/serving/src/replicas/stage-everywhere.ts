import type { replica } from '@cairn/contracts';
import { DomainError } from '@cairn/kernel';
import type { StageStatistics } from '../deployment/domain/judgement.js';
import { fromStageStatus } from './protocol/convert.js';

/** One stage of one rollout. */
export interface StageName {
  readonly deploymentId: string;
  readonly rolloutId: string;
  readonly stage: string;
}

/** UUIDs of a replica's instances of one deployment. */
export function instancesIn({ deployments }: replica.ReplicaStatus, deploymentId: string): readonly string[] {
  return deployments.flatMap((known) => (known.deploymentId === deploymentId ? known.instanceIds : []));
}

/** What a replica has seen of a stage; undefined when it is not in it. */
export function seenBy({ deployments }: replica.ReplicaStatus, { deploymentId, rolloutId, stage }: StageName): StageStatistics | undefined {
  const seen = deployments.find((known) => known.deploymentId === deploymentId)?.stage;
  return seen?.rolloutId === rolloutId && seen.stage === stage ? fromStageStatus(seen) : undefined;
}

/** The same, of one that has to be in it: throws DomainError ROUTES_BEHIND for one that does not know the stage yet, since nobody knows what it answers. */
export function mustHaveSeen(status: replica.ReplicaStatus, name: StageName): StageStatistics {
  const seen = seenBy(status, name);
  if (seen === undefined) throw new DomainError('ROUTES_BEHIND', `The replica ${status.name} is not in this stage of the rollout yet. Try again in a moment.`, 'busy');
  return seen;
}

/** Of all replicas together. The greatest p99 stands for all: that of all requests can't be told from those of each. */
export function together(all: readonly StageStatistics[]): StageStatistics {
  const total = (of: (one: StageStatistics) => number): number => all.reduce((sum, one) => sum + of(one), 0);
  const most = (of: (one: StageStatistics) => number): number => all.reduce((largest, one) => Math.max(largest, of(one)), 0);
  const mean = (of: (one: StageStatistics) => number, weight: (one: StageStatistics) => number): number => {
    const weights = total(weight);
    return weights === 0 ? 0 : total((one) => of(one) * weight(one)) / weights;
  };
  return {
    requests: total(({ requests }) => requests),
    rows: total(({ rows }) => rows),
    errors: total(({ errors }) => errors),
    nonFinite: total(({ nonFinite }) => nonFinite),
    dropped: total(({ dropped }) => dropped),
    meanPredictionNew: mean(({ meanPredictionNew }) => meanPredictionNew, ({ rows }) => rows),
    meanPredictionIncumbent: mean(({ meanPredictionIncumbent }) => meanPredictionIncumbent, ({ rowsIncumbent }) => rowsIncumbent),
    rowsIncumbent: total(({ rowsIncumbent }) => rowsIncumbent),
    largestDifference: most(({ largestDifference }) => largestDifference),
    p99LatencyMs: most(({ p99LatencyMs }) => p99LatencyMs),
  };
}
