import type { Logger } from '@cairn/service';
import type { Assignment, ReplicaAgent } from '../replica/replica-agent.js';

export interface ReplicaSlotOptions {
  readonly startAgent: () => ReplicaAgent;
  /** Resolves when nobody waits for an answer of the version any more. */
  readonly drained: (versionId: string) => Promise<void>;
  readonly logger: Logger;
  /** Wait before the second start in a row; doubles up to LAST_BACKOFF_MS. */
  readonly firstBackoffMs?: number;
}

const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 10_000;
/** A replica that lived this long did not die of being started. */
const STABLE_MS = 30_000;

const keyOf = ({ rolloutId, versionId }: Assignment): string => `${rolloutId}/${versionId}`;

/**
 * One place of a deployment that always has a replica: it starts the next one when the last is lost, and has it hold what is assigned. What is new is
 * loaded before what is old goes.
 */
export class ReplicaSlot {
  private current: ReplicaAgent;
  private assigned: readonly Assignment[] = [];
  private readonly held = new Map<string, Assignment>();
  private working: Promise<void> | undefined;
  private taking: { readonly assignment: Assignment; readonly abandoned: AbortController } | undefined;
  private restart: NodeJS.Timeout | undefined;
  private lostInARow = 0;
  private closed = false;

  constructor(private readonly options: ReplicaSlotOptions) {
    this.current = this.start();
  }

  get agent(): ReplicaAgent {
    return this.current;
  }

  assign(assignments: readonly Assignment[]): void {
    this.assigned = assignments;
    const { taking } = this;
    // What is not wanted any more would be tried for as long as it is unavailable.
    if (taking !== undefined && !assignments.some((assignment) => keyOf(assignment) === keyOf(taking.assignment))) taking.abandoned.abort();
    this.work();
  }

  /** Resolves when everything assigned has been taken or reported as failed. */
  async settled(): Promise<void> {
    while (this.working !== undefined) await this.working;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.restart);
    await this.current.close();
    await this.settled();
  }

  private start(): ReplicaAgent {
    const agent = this.options.startAgent();
    const startedAt = Date.now();
    void agent.replica.lost.then((reason) => {
      if (this.closed) return;
      this.lostInARow = Date.now() - startedAt < STABLE_MS ? this.lostInARow + 1 : 1;
      const delayMs = this.lostInARow === 1 ? 0 : Math.min((this.options.firstBackoffMs ?? FIRST_BACKOFF_MS) * 2 ** (this.lostInARow - 2), LAST_BACKOFF_MS);
      this.options.logger.warn({ err: reason, replicaId: agent.replica.id, restartInMs: delayMs }, 'a replica was lost');
      this.restart = setTimeout(() => this.replace(), delayMs);
    });
    return agent;
  }

  private replace(): void {
    this.current = this.start();
    this.held.clear();
    this.work();
  }

  private work(): void {
    this.working ??= this.reconcile().finally(() => {
      this.working = undefined;
      // What was assigned while the last step ended would otherwise wait for the next assignment.
      if (!this.isSettled) this.work();
    });
  }

  private get isSettled(): boolean {
    return this.closed || (this.missing === undefined && this.superfluous.length === 0);
  }

  private get missing(): Assignment | undefined {
    return this.assigned.find((assignment) => !this.held.has(keyOf(assignment)));
  }

  private get superfluous(): readonly Assignment[] {
    return [...this.held.values()].filter((held) => !this.assigned.some((assignment) => keyOf(assignment) === keyOf(held)));
  }

  private async reconcile(): Promise<void> {
    while (!this.isSettled) {
      const next = this.missing;
      if (next !== undefined) await this.takeNext(this.current, next);
      else for (const held of this.superfluous) await this.dropHeld(this.current, held);
    }
  }

  private async takeNext(agent: ReplicaAgent, next: Assignment): Promise<void> {
    const abandoned = new AbortController();
    this.taking = { assignment: next, abandoned };
    await agent.take(next, abandoned.signal);
    this.taking = undefined;
    if (agent === this.current && !abandoned.signal.aborted) this.held.set(keyOf(next), next);
  }

  /** A version that another rollout assigns too stays loaded. */
  private async dropHeld(agent: ReplicaAgent, held: Assignment): Promise<void> {
    this.held.delete(keyOf(held));
    if (this.assigned.some(({ versionId }) => versionId === held.versionId)) return;
    await this.options.drained(held.versionId);
    // A replica that was lost meanwhile holds nothing.
    await agent.drop(held.versionId).catch(() => undefined);
  }
}
