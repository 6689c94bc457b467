import { setTimeout as pause } from 'node:timers/promises';
import { isDigest, ObjectStoreError, type ObjectStore } from '@cairn/object-store';
import type { Logger } from '@cairn/service';
import { provesSharedRuns } from '../batching/shared-runs.js';
import { proofProblem } from '../deployment/domain/proof.js';
import type { ControlPlane, ReplicaReport } from './control-plane.js';
import { maxDifference, parseGolden, readGolden } from './golden.js';
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
  /** Files that it loaded once have to be there again when the store is away. */
  readonly objects: Pick<ObjectStore, 'localPath'>;
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
  /** Versions that are ready, and whether requests may share their runs. */
  private readonly proved = new Map<string, { readonly sharesRuns: boolean }>();
  private readonly reports = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private loadCount = 0;

  constructor(private readonly options: ReplicaAgentOptions) {
    this.replica = options.replica;
    void this.replica.lost.then(() => this.stopping.abort());
  }

  /** Files that it was told to load since it started. */
  get loads(): number {
    return this.loadCount;
  }

  /** Whether the version was loaded and has answered its golden request: only then may traffic go to it. */
  isReady(versionId: string): boolean {
    return !this.stopping.signal.aborted && this.proved.has(versionId);
  }

  /**
   * Resolves once it is known whether the version is ready, or `abandoned` aborts, or the replica is gone. What is unavailable is tried again until then; what is
   * wrong is reported as it is. The report goes out beside it: a control plane that is away keeps nobody from answering.
   */
  async take(assignment: Assignment, abandoned: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([abandoned, this.stopping.signal]);
    let digest = '';
    let sharesRuns = false;
    const outcome = await this.untilAvailable('load', signal, async (): Promise<Outcome> => {
      try {
        const path = await this.options.objects.localPath(toDigest(assignment.digest));
        this.loadCount += 1;
        ({ digest } = await this.replica.load(assignment.versionId, path, assignment.digest));
        const golden = parseGolden(await readGolden(await this.options.objects.localPath(toDigest(assignment.goldenDigest))));
        // Running takes the tensors' memory, so the second question comes first.
        sharesRuns = await provesSharedRuns(this.replica, assignment.versionId, golden.inputs);
        const { outputs } = await this.replica.infer(assignment.versionId, golden.inputs);
        return { goldenMaxDifference: maxDifference(golden.outputs, outputs) };
      } catch (error) {
        if (isTransient(error)) throw error;
        return { failure: error instanceof Error ? error.message : String(error) };
      }
    });
    if (outcome === undefined) return;
    if ('goldenMaxDifference' in outcome && proofProblem(assignment, digest, outcome.goldenMaxDifference) === undefined) {
      this.proved.set(assignment.versionId, { sharesRuns });
    }
    const { workspace, deploymentId, rolloutId, versionId } = assignment;
    const report = { workspace, deploymentId, rolloutId, versionId, replicaId: this.replica.id, digest, outcome };
    const reporting = this.untilAvailable('report', signal, () => this.options.controlPlane.report(report)).then(() => void this.reports.delete(reporting));
    this.reports.add(reporting);
  }

  /** Resolves when everything that came out so far is reported, or nobody wants it any more. */
  async reported(): Promise<void> {
    await Promise.all(this.reports);
  }

  /** Whether it was proved that requests for the version answer alike whoever shares their run. */
  sharesRuns(versionId: string): boolean {
    return this.proved.get(versionId)?.sharesRuns === true;
  }

  async drop(versionId: string): Promise<void> {
    this.proved.delete(versionId);
    await this.replica.unload(versionId);
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.replica.close();
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
