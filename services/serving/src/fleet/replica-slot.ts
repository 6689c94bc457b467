import type { Logger } from '@cairn/service';
import type { Assignment, ReplicaAgent } from '../replica/replica-agent.js';

export interface ReplicaSlotOptions {
  readonly startAgent: () => ReplicaAgent;
  /** Resolves when nobody waits for an answer of the version any more. */
  readonly drained: (versionId: string) => Promise<void>;
  readonly logger: Logger;
  /** Files that a replica loads before another takes its place: ONNX Runtime does not give back all memory of a model that goes. */
  readonly maxLoads?: number;
  /** Wait before the second start in a row; doubles up to LAST_BACKOFF_MS. */
  readonly firstBackoffMs?: number;
}

const MAX_LOADS = 64;
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
  private recycling: AbortController | undefined;
  /** It is tried again with the next version. */
  private recyclingFailed = false;
  private closed = false;

  constructor(private readonly options: ReplicaSlotOptions) {
    this.current = this.start();
  }

  get agent(): ReplicaAgent {
    return this.current;
  }

  assign(assignments: readonly Assignment[]): void {
    const isNews = assignments.map(keyOf).join() !== this.assigned.map(keyOf).join();
    this.assigned = assignments;
    if (isNews) {
      this.recyclingFailed = false;
      this.recycling?.abort();
    }
    const { taking } = this;
    // What is not wanted any more would be tried for as long as it is unavailable.
    if (taking !== undefined && !assignments.some((assignment) => keyOf(assignment) === keyOf(taking.assignment))) taking.abandoned.abort();
    this.work();
  }

  /** Resolves when everything assigned has been taken or has failed, and is reported. */
  async settled(): Promise<void> {
    while (this.working !== undefined) await this.working;
    await this.current.reported();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.recycling?.abort();
    clearTimeout(this.restart);
    await this.current.close();
    await this.settled();
  }

  private start(): ReplicaAgent {
    const agent = this.options.startAgent();
    const startedAt = Date.now();
    void agent.replica.lost.then((reason) => {
      // One that was to come, or that had its time, is nobody's loss.
      if (this.closed || agent !== this.current) return;
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
    return this.closed || (this.missing === undefined && this.superfluous.length === 0 && !this.isWorn);
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
      else if (this.isWorn) await this.recycle(this.current);
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

  private get isWorn(): boolean {
    return this.current.loads >= (this.options.maxLoads ?? MAX_LOADS) && !this.recyclingFailed;
  }

  /** The next replica proves everything that is assigned before it takes over; the last one answers what it has, and goes. */
  private async recycle(worn: ReplicaAgent): Promise<void> {
    const assigned = this.assigned;
    const next = this.start();
    let isLost = false;
    void next.replica.lost.then(() => (isLost = true));
    const abandoned = new AbortController();
    this.recycling = abandoned;
    for (const assignment of assigned) await next.take(assignment, abandoned.signal);
    this.recycling = undefined;
    const isFit = assigned.every(({ versionId }) => next.isReady(versionId) || !worn.isReady(versionId));
    if (this.closed || worn !== this.current || isLost || !isFit) {
      this.recyclingFailed = true;
      await next.close();
      return;
    }
    this.current = next;
    this.held.clear();
    for (const assignment of assigned) this.held.set(keyOf(assignment), assignment);
    await worn.replica.idle();
    await worn.close();
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
