import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CommandHandler } from '@cairn/event-store';
import { DomainError, newId, type Clock, type CommandMeta } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import { CLOCK, LOGGER, OBJECT_STORE, SERVICE_CONFIG, SERVICE_SETTINGS, type Logger, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import type { ServingSettings } from '../../config.js';
import { SERVING_PRINCIPAL } from '../../fleet/command-control-plane.js';
import { inferenceLog } from '../domain/decider.js';
import { DeploymentLog } from './deployment-log.js';
import type { LabelRows } from './parquet-protocol.js';
import { ParquetWriter } from './parquet-writer.js';
import type { InferenceEntry, SegmentBuffer } from './segment-buffer.js';

/** Whose log it is. */
export interface LogOwner {
  readonly workspace: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
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
@Injectable()
export class InferenceRecorder {
  private readonly logs = new Map<string, DeploymentLog>();
  private readonly files: ParquetWriter = new ParquetWriter();
  private readonly directory: string;
  private readonly stopping = new AbortController();
  private ageCheck: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SERVICE_SETTINGS) private readonly settings: ServingSettings,
    @Inject(SERVICE_CONFIG) { dataDir }: ServiceConfig,
  ) {
    this.directory = join(dataDir, 'serving', `files-${newId()}`);
  }

  async start(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    this.ageCheck = setInterval(() => {
      const bound = Date.now() - this.settings.segmentAgeSeconds * 1_000;
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
    if (!(await Promise.race([sealed, timeout]))) this.logger.error('predictions in memory could not be stored and are lost');
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

  /** Stores late truths as one file; the command's id makes a repetition append nothing. */
  async recordLabels(owner: LogOwner, batchId: string, rows: LabelRows, meta: CommandMeta): Promise<{ readonly digest: string; readonly position: bigint | undefined }> {
    const path = join(this.directory, `labels-${newId()}.parquet`);
    const rowCount = rows.predictionIds.length;
    try {
      await this.files.writeLabels(path, rows);
      const { digest } = await this.objects.putFile(path);
      const { deploymentId, deploymentName } = owner;
      const data = { deploymentId, deploymentName, batchId, digest, rowCount };
      const { position } = await this.commands.handle(inferenceLog, { type: 'RecordLabels', data, meta }, { id: deploymentId });
      return { digest, position };
    } finally {
      await rm(path, { force: true });
    }
  }

  private logOf(owner: LogOwner): DeploymentLog {
    const known = this.logs.get(owner.deploymentId);
    if (known !== undefined) return known;
    const { segmentRows } = this.settings;
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
  private async sealSegment({ workspace, deploymentId, deploymentName }: LogOwner, buffer: SegmentBuffer): Promise<void> {
    const segmentId = newId();
    const path = join(this.directory, `segment-${segmentId}.parquet`);
    const summary = buffer.summary();
    try {
      const sizeBytes = await this.files.writeSegment(path, buffer.contents());
      const { digest } = await this.untilAvailable(() => this.objects.putFile(path));
      const data = { ...summary, deploymentId, deploymentName, segmentId, digest, sizeBytes };
      const meta: CommandMeta = { commandId: segmentId, now: this.clock.now(), actor: { principal: SERVING_PRINCIPAL }, workspace, correlationId: segmentId };
      await this.untilAvailable(() => this.commands.handle(inferenceLog, { type: 'SealSegment', data, meta }, { id: deploymentId }));
    } catch (error) {
      this.logger.error({ err: error, deploymentName, rows: summary.rowCount }, 'a segment of the inference log is lost');
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
        this.logger.warn({ err: error, retryInMs: backoffMs }, 'a segment can’t be stored yet');
        await pause(backoffMs, undefined, { signal });
      }
    }
  }
}
