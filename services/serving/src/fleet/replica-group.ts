import type { Instances } from '../batching/batch-request.js';
import type { Assignment } from '../replica/replica-agent.js';
import type { Replica } from '../replica/replica.js';
import { ReplicaSlot, type ReplicaSlotOptions } from './replica-slot.js';

/** The replicas of one deployment. */
export class ReplicaGroup implements Instances {
  private readonly slots: readonly ReplicaSlot[];

  constructor(size: number, options: ReplicaSlotOptions) {
    this.slots = Array.from({ length: size }, () => new ReplicaSlot(options));
  }

  /** Ids of the replicas that are there now: who has to prove a version. */
  get members(): readonly string[] {
    return this.slots.map(({ agent }) => agent.replica.id);
  }

  /** Requests that replicas hold. */
  get pending(): number {
    return this.slots.reduce((total, { agent }) => total + agent.replica.pending, 0);
  }

  assign(assignments: readonly Assignment[]): void {
    for (const slot of this.slots) slot.assign(assignments);
  }

  /** The replicas that are ready for the version. */
  ready(versionId: string): readonly Replica[] {
    return this.slots.flatMap(({ agent }) => (agent.isReady(versionId) ? [agent.replica] : []));
  }

  /** Whether every replica that is ready for the version has proved that requests may share its runs. */
  sharesRuns(versionId: string): boolean {
    return this.slots.every(({ agent }) => !agent.isReady(versionId) || agent.sharesRuns(versionId));
  }

  async settled(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.settled()));
  }

  async close(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.close()));
  }
}
