import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, newId } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import type { Logger } from '@cairn/service';
import type { Logging } from '../../deployment/domain/logging.js';
import { DeploymentLog } from './deployment-log.js';
import { BlockEncoder } from './journal/journal-block.js';
import { JournalFolder } from './journal/journal-folder.js';
import { bootId } from './journal/journal-header.js';
import { OpenSegment } from './journal/open-segment.js';
import { ParquetWriter } from './parquet-writer.js';
import type { InferenceEntry } from './segment-buffer.js';
import type { SegmentLedger } from './segment-ledger.js';
import { SegmentSealer, type ClosedSegment } from './segment-sealer.js';
import { Spool } from './spool.js';

/** Whose log it is, and what of it is kept. */
export interface LogOwner {
  readonly workspace: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly logging: Logging;
}

export interface RecorderOptions {
  readonly ledger: SegmentLedger;
  readonly objects: Pick<ObjectStore, 'putFile'>;
  readonly logger: Logger;
  /** A segment is sealed when it has this many rows, */
  readonly segmentRows: number;
  /** or when its first row is this old. */
  readonly segmentAgeSeconds: number;
  /** Of journals and files that may wait on disk for the object store. */
  readonly spoolBytes: number;
  /** Under which this process is known; rows carry it. */
  readonly replicaName: string;
  /** Local. Recorders of several processes may share it, and the next one comes back to it: each keeps to a folder of its own in it. */
  readonly directory: string;
}

interface Running {
  readonly folder: JournalFolder;
  readonly sealer: SegmentSealer;
}

/** Segments whose rows may be in memory at once. */
const MAX_SEGMENTS_IN_MEMORY = 8;
const TICK_MS = 1_000;
/** How often it says that it is alive to those who can't see it otherwise. */
const SIGN_EVERY_TICKS = 10;
/** How often a process looks for what others have left. */
const ADOPT_EVERY_TICKS = 30;
const SEAL_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 1_000;
const NOTHING_DUE = Promise.resolve();

/**
 * Keeps what was answered: rows go to a journal on this machine's disk before they are answered, and from memory into Parquet segments in the object store that an
 * event vouches for. The death of the process loses nothing, since the next one seals what the journals hold; that of the machine loses at most what came after the
 * last `fdatasync`, a second ago.
 */
export class InferenceRecorder {
  private readonly logs = new Map<string, DeploymentLog>();
  private readonly files = new ParquetWriter();
  private readonly encoder = new BlockEncoder();
  private readonly spool: Spool;
  /** Segments with rows that no journal holds yet. */
  private readonly due = new Set<OpenSegment>();
  private flushing: Promise<void> | undefined;
  private running: Running | undefined;
  private recovering: Promise<void> = Promise.resolve();
  private isFailing = false;
  /** There are journals whose names may not be on disk yet. */
  private isFolderDirty = false;
  private syncing: Promise<void> | undefined;
  private ticks = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RecorderOptions) {
    this.spool = new Spool(options.spoolBytes);
  }

  /** Before the first request. What processes that are gone have left is sealed meanwhile. */
  async start(): Promise<void> {
    const { directory, ledger, objects, logger } = this.options;
    const folder = await JournalFolder.open(directory);
    this.running = { folder, sealer: new SegmentSealer({ ledger, objects, logger, folder, files: this.files, spool: this.spool }) };
    this.adopt(this.running);
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  /** Seals what is there, within `timeoutMs`: what can't be stored by then stays on disk for the next start. */
  async close(timeoutMs: number): Promise<void> {
    if (this.running === undefined) return;
    const { folder, sealer } = this.running;
    clearInterval(this.timer);
    const sealed = Promise.all([...[...this.logs.values()].map((log) => log.seal()), this.recovering]);
    if (!(await isInTime(sealed, timeoutMs))) this.options.logger.warn('predictions that could not be stored wait on disk for the next start');
    sealer.stop();
    await isInTime(sealed, STOP_TIMEOUT_MS);
    await this.files.close();
    await this.syncing;
    await folder.close();
    this.running = undefined;
  }

  hasRoom(owner: LogOwner, rows: number): boolean {
    return !this.isFailing && !this.spool.isFull && this.logOf(owner).hasRoom(rows);
  }

  /**
   * Keeps the rows, unless the deployment's sample leaves their request out. Resolves when the kernel has them, so that the death of this process does not lose them: to
   * be awaited before the answer goes out. Requests that are answered together share a write. Never rejects.
   */
  record(owner: LogOwner, columns: readonly string[], entry: InferenceEntry): Promise<void> {
    const segment = this.logOf(owner).add(owner.logging, columns, entry);
    if (segment === undefined) return NOTHING_DUE;
    this.due.add(segment);
    this.flushing ??= new Promise((resolve) => {
      // After all promises that are settled by now have had their turn, and before anything else happens.
      process.nextTick(() => {
        this.flushing = undefined;
        this.flush();
        resolve();
      });
    });
    return this.flushing;
  }

  /** Resolves when everything recorded before is in sealed segments. Throws DomainError SEALING_BEHIND when that takes too long; it goes on. */
  async seal(owner: LogOwner): Promise<void> {
    const sealed = Promise.all([this.logOf(owner).seal(), this.recovering]);
    if (await isInTime(sealed, SEAL_TIMEOUT_MS)) return;
    throw new DomainError('SEALING_BEHIND', 'The store can’t take the segments now. They are kept and sealed later.', 'busy');
  }

  /** What can't be written is due again, and nothing more is taken until it can. */
  private flush(): void {
    let failure: unknown;
    for (const segment of this.due) {
      const before = segment.bytes;
      try {
        segment.flush(this.encoder);
        this.due.delete(segment);
      } catch (error) {
        failure ??= error;
      }
      this.spool.add(segment.bytes - before);
    }
    if (failure !== undefined && !this.isFailing) this.options.logger.error({ err: failure }, 'predictions can’t be written to disk: no more are answered until they can');
    this.isFailing = failure !== undefined;
  }

  private tick(): void {
    if (this.isFailing) this.flush();
    const bound = Date.now() - this.options.segmentAgeSeconds * 1_000;
    for (const log of this.logs.values()) log.sealOlderThan(bound);
    this.syncing ??= this.sync()
      .catch((error: unknown) => this.options.logger.warn({ err: error }, 'predictions could not be brought to disk; it is tried again'))
      .finally(() => (this.syncing = undefined));
    this.ticks += 1;
    if (this.running !== undefined && this.ticks % ADOPT_EVERY_TICKS === 0) this.adopt(this.running);
  }

  /** Beside the requests, by a thread of the system. */
  private async sync(): Promise<void> {
    const isFolderDirty = this.isFolderDirty;
    this.isFolderDirty = false;
    const segments = [...this.logs.values()].flatMap((log) => [...log.openSegments()]);
    await Promise.all(segments.map((segment) => segment.sync()));
    if (isFolderDirty) await this.running?.folder.sync();
    if (this.ticks % SIGN_EVERY_TICKS === 0) await this.running?.folder.giveSign();
  }

  private adopt({ folder, sealer }: Running): void {
    this.recovering = this.recovering.then(async () => {
      try {
        for (const path of await folder.adopt()) await sealer.recover(path);
      } catch (error) {
        this.options.logger.error({ err: error }, 'what other processes left of predictions can’t be taken over; it is tried again');
      }
    });
  }

  private logOf(owner: LogOwner): DeploymentLog {
    const { workspace, deploymentId, deploymentName } = owner;
    const known = this.logs.get(deploymentId);
    if (known !== undefined) return known;
    const { segmentRows, replicaName } = this.options;
    const { folder, sealer } = this.parts();
    const log = new DeploymentLog({
      segmentRows,
      maxRows: Math.max(segmentRows, 16_384) * MAX_SEGMENTS_IN_MEMORY,
      open: (columns, redacted) => {
        const header = { format: 'cairn-predictions-1', segmentId: newId(), workspace, deploymentId, deploymentName, columns, redacted, bootId: bootId() } as const;
        this.isFolderDirty = true;
        return new OpenSegment(header, folder.path, Date.now(), replicaName);
      },
      write: async (segment) => this.write(segment, sealer),
      store: (segment) => sealer.store(segment),
    });
    this.logs.set(deploymentId, log);
    return log;
  }

  private async write(segment: OpenSegment, sealer: SegmentSealer): Promise<ClosedSegment> {
    const { header, journalPath, buffer } = segment;
    const { rows } = buffer;
    const before = segment.bytes;
    // The rows are in memory: the file is written whether the journal can be ended or not.
    await segment.end(this.encoder).catch((error: unknown) => this.options.logger.error({ err: error, deploymentName: header.deploymentName }, 'a journal can’t be ended'));
    this.spool.add(segment.bytes - before);
    const closed: ClosedSegment = { header, journalPath, rows, bytes: segment.bytes };
    await sealer.write(closed, buffer);
    return closed;
  }

  private parts(): Running {
    if (this.running === undefined) throw new Error('the recorder is not running');
    return this.running;
  }
}

async function isInTime(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const late = new AbortController();
  const timeout = pause(timeoutMs, false, { signal: late.signal }).catch(() => false);
  const inTime = await Promise.race([work.then(() => true), timeout]);
  late.abort();
  return inTime;
}
