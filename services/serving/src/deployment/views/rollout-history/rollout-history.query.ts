import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan } from 'typeorm';
import { ReplicaProofRow } from './replica-proof.entity.js';
import { RolloutJudgementRow } from './rollout-judgement.entity.js';
import { RolloutRow } from './rollout.entity.js';

export interface RolloutRecord {
  readonly rollout: RolloutRow;
  /** Oldest first. */
  readonly judgements: readonly RolloutJudgementRow[];
  /** Oldest first, the latest of each replica. */
  readonly proofs: readonly ReplicaProofRow[];
}

/** More attempts and restarts than anybody reads; what is older stays in the log. */
const MAX_SHOWN = 200;
const BEYOND_THE_LOG = '9223372036854775807';

@Injectable()
export class RolloutHistoryQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(deploymentId: string, rolloutId: string): Promise<RolloutRecord | undefined> {
    const { manager } = this.dataSource;
    const rollout = await manager.findOneBy(RolloutRow, { deploymentId, rolloutId });
    if (rollout === null) return undefined;
    const [judgements, proofs] = await Promise.all([
      manager.find(RolloutJudgementRow, { where: { rolloutId }, order: { position: 'DESC' }, take: MAX_SHOWN }),
      this.proofs(rolloutId),
    ]);
    return { rollout, judgements: judgements.reverse(), proofs };
  }

  /** Of a rollout or of a fallback: oldest first, the latest of each replica. */
  async proofs(rolloutId: string): Promise<readonly ReplicaProofRow[]> {
    const rows = await this.dataSource.manager.find(ReplicaProofRow, { where: { rolloutId }, order: { reportedAt: 'DESC', replicaId: 'ASC' }, take: MAX_SHOWN });
    return rows.reverse();
  }

  /** Newest first, before the position `before`; one row more than `limit`. */
  async list(deploymentId: string, limit: number, before = BEYOND_THE_LOG): Promise<readonly RolloutRow[]> {
    return this.dataSource.manager.find(RolloutRow, { where: { deploymentId, position: LessThan(before) }, order: { position: 'DESC' }, take: limit + 1 });
  }
}
