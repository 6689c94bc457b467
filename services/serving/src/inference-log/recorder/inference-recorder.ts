import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, newId } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import type { Logger } from '@cairn/service';
import { DeploymentLog } from './deployment-log.js';
import { ParquetWriter } from './parquet-writer.js';
import type { InferenceEntry, SegmentBuffer } from './segment-buffer.js';
import type { SegmentLedger } from './segment-ledger.js';

/** Whose log it is. */
export interface LogOwner {
  readonly workspace: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
}

export interface RecorderOptions {
  readonly ledger: SegmentLedger;
  readonly objects: Pick<ObjectStore, 'putFile'>;
  readonly logger: Logger;
  /** A segment is sealed when it has this many rows, */
  readonly segmentRows: number;
  /** or when its first row is this old. */
  readonly segmentAgeSeconds: number;
  /** Local. Recorders of several processes may share it, and the next one comes back to it: each keeps to a folder of its own in it. */
  readonly directory: string;
}

/** Segments that may be buffered or under way at once: the store may be away that long before requests are refused. */
const MAX_SEGMENTS_UNDER_WAY = 8;
const AGE_CHECK_MS = 1_000;
const FIRST_BACKOFF_MS = 200;
const LAST_BACKOFF_MS = 5_000;
const SEAL_TIMEOUT_MS = 30_000;

/**
 * Keeps what was answered: rows in memory, then Parquet segments in the object store that an event vouches for. A crash loses the rows in memory, at most the
 * segment's age; a stop seals them.
 */
export class InferenceRecorder {
  private readonly logs = new Map<string, DeploymentLog>();
  private readonly files: ParquetWriter = new ParquetWriter();
  private readonly directory: string;
  private readonly stopping = new AbortController();
  private ageCheck: NodeJS.Timeout | undefined;

  constructor(private readonly options: RecorderOptions) {
    this.directory = join(options.directory, `files-${newId()}`);
  }

  async start(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    this.ageCheck = setInterval(() => {
      const bound = Date.now() - this.options.segmentAgeSeconds * 1_000;
      for (const log of this.logs.values()) log.sealOlderThan(bound);
    }, AGE_CHECK_MS);
    this.ageCheck.unref();
  }

  /** Seals what is there, within `timeoutMs`: what can't be stored by then is lost, and said so. */
  async close(timeoutMs: number): Promise<void> {
    clearInterval(this.ageCheck);
    const sealed = Promise.all([...this.logs.values()].map((log) => log.seal())).then(() => true);
    const late = new AbortController();
    const timeout = pause(timeoutMs, false, { signal: late.signal }).catch(() => false);
    if (!(await Promise.race([sealed, timeout]))) this.options.logger.error('predictions in memory could not be stored and are lost');
    late.abort();
    this.stopping.abort();
    await this.files.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  hasRoom(owner: LogOwner, rows: number): boolean {
    return this.logOf(owner).hasRoom(rows);
  }

  record(owner: LogOwner, columns: readonly string[], entry: InferenceEntry): void {
    this.logOf(owner).add(columns, entry);
  }

  /** Resolves when everything recorded before is in sealed segments. Throws DomainError SEALING_BEHIND when that takes too long; it goes on. */
  async seal(owner: LogOwner): Promise<void> {
    const late = new AbortController();
    const timeout = pause(SEAL_TIMEOUT_MS, 'late', { signal: late.signal }).catch(() => 'stopped');
    const ending = await Promise.race([this.logOf(owner).seal().then(() => 'sealed'), timeout]);
    late.abort();
    if (ending === 'late') throw new DomainError('SEALING_BEHIND', 'The store can’t take the segments now. They are kept and sealed later.', 'busy');
  }

  private logOf(owner: LogOwner): DeploymentLog {
    const known = this.logs.get(owner.deploymentId);
    if (known !== undefined) return known;
    const { segmentRows } = this.options;
    const log = new DeploymentLog({
      segmentRows,
      maxRows: Math.max(segmentRows, 16_384) * MAX_SEGMENTS_UNDER_WAY,
      seal: (buffer) => this.sealSegment(owner, buffer),
      now: () => Date.now(),
    });
    this.logs.set(owner.deploymentId, log);
    return log;
  }

  /** Never rejects: a segment that can't be written at all is lost and said so, and the next one goes on. */
  private async sealSegment(owner: LogOwner, buffer: SegmentBuffer): Promise<void> {
    const { ledger, logger, objects } = this.options;
    const segmentId = newId();
    const path = join(this.directory, `segment-${segmentId}.parquet`);
    const summary = buffer.summary();
    try {
      const sizeBytes = await this.files.writeSegment(path, buffer.contents());
      const { digest } = await this.untilAvailable(() => objects.putFile(path));
      await this.untilAvailable(() => ledger.sealed({ ...owner, ...summary, segmentId, digest, sizeBytes }));
    } catch (error) {
      logger.error({ err: error, deploymentName: owner.deploymentName, rows: summary.rowCount }, 'a segment of the inference log is lost');
    } finally {
      await rm(path, { force: true });
    }
  }

  /** The same file and the same command again: neither can be stored twice. */
  private async untilAvailable<Result>(attempt: () => Promise<Result>): Promise<Result> {
    const { signal } = this.stopping;
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS)) {
      try {
        return await attempt();
      } catch (error) {
        const refused = error instanceof DomainError && error.kind !== 'busy' && error.kind !== 'conflict';
        if (refused || signal.aborted) throw error;
        this.options.logger.warn({ err: error, retryInMs: backoffMs }, 'a segment can’t be stored yet');
        await pause(backoffMs, undefined, { signal });
      }
    }
  }
}
