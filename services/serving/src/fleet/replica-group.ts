import type { Assignment, ReplicaAgent } from '../replica/replica-agent.js';
import { ReplicaSlot, type ReplicaSlotOptions } from './replica-slot.js';

/** The replicas of one deployment. */
export class ReplicaGroup {
  private readonly slots: readonly ReplicaSlot[];

  constructor(size: number, options: ReplicaSlotOptions) {
    this.slots = Array.from({ length: size }, () => new ReplicaSlot(options));
  }

  /** Ids of the replicas that are there now: who has to prove a version. */
  get members(): readonly string[] {
    return this.slots.map(({ agent }) => agent.replica.id);
  }

  assign(assignments: readonly Assignment[]): void {
    for (const slot of this.slots) slot.assign(assignments);
  }

  /** The least busy of the replicas that are ready for the version. */
  pick(versionId: string): ReplicaAgent | undefined {
    let best: ReplicaAgent | undefined;
    for (const { agent } of this.slots) {
      if (agent.isReady(versionId) && (best === undefined || agent.replica.pending < best.replica.pending)) best = agent;
    }
    return best;
  }

  /** How many replicas are ready for the version. */
  readyCount(versionId: string): number {
    return this.slots.filter(({ agent }) => agent.isReady(versionId)).length;
  }

  async settled(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.settled()));
  }

  async close(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.close()));
  }
}
