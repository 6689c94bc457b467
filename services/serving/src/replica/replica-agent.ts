import { setTimeout as pause } from 'node:timers/promises';
import { isDigest, ObjectStoreError, type ObjectStore } from '@cairn/object-store';
import type { Logger } from '@cairn/service';
import { proofProblem } from '../deployment/domain/proof.js';
import type { ControlPlane, ReplicaReport } from './control-plane.js';
import { MAX_GOLDEN_BYTES, maxDifference, parseGolden } from './golden.js';
import { ReplicaError, type Replica } from './replica.js';

/** A version that a replica is to run, and how it proves that it does. */
export interface Assignment {
  readonly workspace: string;
  readonly deploymentId: string;
  readonly rolloutId: string;
  readonly versionId: string;
  readonly digest: string;
  readonly goldenDigest: string;
  readonly goldenTolerance: number;
}

export interface ReplicaAgentOptions {
  readonly replica: Replica;
  readonly objects: Pick<ObjectStore, 'localPath' | 'read'>;
  readonly controlPlane: ControlPlane;
  readonly logger: Logger;
  /** Wait before the second attempt at what is unavailable; doubles up to LAST_BACKOFF_MS. */
  readonly firstBackoffMs?: number;
}

type Outcome = ReplicaReport['outcome'];

const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 10_000;

/**
 * Sits beside one replica: fetches versions, has the replica load them and answer the golden request, and reports what came of it. It takes no
 * traffic decisions, and knows deployments only by id.
 */
export class ReplicaAgent {
  readonly replica: Replica;
  private readonly proved = new Set<string>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: ReplicaAgentOptions) {
    this.replica = options.replica;
    void this.replica.lost.then(() => this.stopping.abort());
  }

  /** Whether the version was loaded and has answered its golden request: only then may traffic go to it. */
  isReady(versionId: string): boolean {
    return !this.stopping.signal.aborted && this.proved.has(versionId);
  }

  /**
   * Resolves once the outcome is reported, or `abandoned` aborts, or the replica is gone. What is unavailable is tried again until then; what is
   * wrong is reported as it is.
   */
  async take(assignment: Assignment, abandoned: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([abandoned, this.stopping.signal]);
    let digest = '';
    const outcome = await this.untilAvailable('load', signal, async (): Promise<Outcome> => {
      try {
        const path = await this.options.objects.localPath(toDigest(assignment.digest));
        ({ digest } = await this.replica.load(assignment.versionId, path));
        return { goldenMaxDifference: await this.askGolden(assignment) };
      } catch (error) {
        if (isTransient(error)) throw error;
        return { failure: error instanceof Error ? error.message : String(error) };
      }
    });
    if (outcome === undefined) return;
    if ('goldenMaxDifference' in outcome && proofProblem(assignment, digest, outcome.goldenMaxDifference) === undefined) this.proved.add(assignment.versionId);
    const { workspace, deploymentId, rolloutId, versionId } = assignment;
    const report = { workspace, deploymentId, rolloutId, versionId, replicaId: this.replica.id, digest, outcome };
    await this.untilAvailable('report', signal, () => this.options.controlPlane.report(report));
  }

  async drop(versionId: string): Promise<void> {
    this.proved.delete(versionId);
    await this.replica.unload(versionId);
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.replica.close();
  }

  private async askGolden({ versionId, goldenDigest }: Assignment): Promise<number> {
    const golden = parseGolden(await this.options.objects.read(toDigest(goldenDigest), { maxBytes: MAX_GOLDEN_BYTES }));
    const { outputs } = await this.replica.infer(versionId, golden.inputs);
    return maxDifference(golden.outputs, outputs);
  }

  /** Undefined when `signal` aborted before `attempt` succeeded. */
  private async untilAvailable<Result>(what: string, signal: AbortSignal, attempt: () => Promise<Result>): Promise<Result | undefined> {
    for (let backoffMs = this.options.firstBackoffMs ?? FIRST_BACKOFF_MS; !signal.aborted; backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS)) {
      try {
        return await attempt();
      } catch (error) {
        if (signal.aborted) return undefined;
        this.options.logger.warn({ err: error, replicaId: this.replica.id, retryInMs: backoffMs }, `a replica could not ${what}`);
        await pause(backoffMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }
}

/** Says nothing about the version: the store is away, the replica is gone or has too much to do. */
function isTransient(error: unknown): boolean {
  if (error instanceof ObjectStoreError) return error.code === 'UNAVAILABLE';
  return error instanceof ReplicaError && (error.code === 'LOST' || error.code === 'QUEUE_FULL');
}

function toDigest(text: string) {
  if (!isDigest(text)) throw new ObjectStoreError('NOT_FOUND', `${text || 'the empty text'} is no digest`);
  return text;
}
