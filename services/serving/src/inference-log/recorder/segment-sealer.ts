import { rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { derivedId, DomainError } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import type { Logger } from '@cairn/service';
import type { JournalFolder } from './journal/journal-folder.js';
import type { JournalHeader } from './journal/journal-header.js';
import { readJournal, type JournalGap } from './journal/read-journal.js';
import type { ParquetWriter } from './parquet-writer.js';
import type { SegmentBuffer, SegmentSummary } from './segment-buffer.js';
import type { SegmentLedger } from './segment-ledger.js';
import type { Spool } from './spool.js';

export interface SealerOptions {
  readonly ledger: SegmentLedger;
  readonly objects: Pick<ObjectStore, 'putFile'>;
  readonly logger: Logger;
  readonly files: ParquetWriter;
  readonly folder: JournalFolder;
  readonly spool: Spool;
}

/** A segment that takes no more rows, on its way into the log. Its journal holds them until it is there. */
export interface ClosedSegment {
  readonly header: JournalHeader;
  readonly journalPath: string;
  readonly rows: number;
  /** Of the journal and, once it is written, of the file. */
  bytes: number;
  file?: { readonly path: string; readonly sizeBytes: number; readonly summary: SegmentSummary };
}

type Missing = Omit<JournalGap, 'reason'> & { readonly reason: Reason };
type Reason = JournalGap['reason'] | 'unwritable' | 'refused';

const FIRST_BACKOFF_MS = 200;
const LAST_BACKOFF_MS = 5_000;
/** Of what this machine's disk does not let be read, or made into a file although there is room for it: longer is no help. */
const MAX_TRIES = 8;

/** Makes files of journals, brings them to the object store, and says so to the ledger. Each step may be repeated: the segment's id stays. */
export class SegmentSealer {
  private readonly stopping = new AbortController();

  constructor(private readonly options: SealerOptions) {}

  get isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  /** What is under way stays on disk. */
  stop(): void {
    this.stopping.abort();
  }

  /** Writes the file from memory, which is given away. Never rejects: what fails here is done from the journal later. */
  async write(segment: ClosedSegment, buffer: SegmentBuffer): Promise<void> {
    await this.writeFile(segment, buffer).catch((error: unknown) => {
      this.options.logger.warn({ err: error, segmentId: segment.header.segmentId }, 'a segment can’t be written yet');
    });
  }

  /** Resolves when the log knows the segment, or that it is lost, or when it was left on disk at a stop. Never rejects. */
  async store(segment: ClosedSegment): Promise<void> {
    const { ledger, logger, objects, spool } = this.options;
    const { header } = segment;
    const { workspace, deploymentId, deploymentName, segmentId } = header;
    try {
      const { path, sizeBytes, summary } = segment.file ?? (await this.writeAgain(segment));
      const { digest } = await this.untilAvailable(() => objects.putFile(path));
      await this.untilAvailable(() => ledger.sealed({ workspace, deploymentId, deploymentName, ...summary, segmentId, digest, sizeBytes }));
      await rm(path, { force: true });
      await rm(segment.journalPath, { force: true });
      spool.remove(segment.bytes);
    } catch (error) {
      if (this.isStopped) return;
      logger.error({ err: error, deploymentName, segmentId, rows: segment.rows }, 'a segment of the inference log is lost; its journal is put aside');
      await this.giveUp(segment, error instanceof DomainError ? 'refused' : 'unwritable');
    }
  }

  /** Seals what a process that is gone has left in a journal, and says what is missing from it. Never rejects. */
  async recover(journalPath: string): Promise<void> {
    const { folder, logger, spool } = this.options;
    try {
      const { size } = await stat(journalPath);
      let reads = 0;
      const read = await this.untilAvailable(() => readJournal(journalPath), () => ++reads >= MAX_TRIES);
      if (read === undefined) {
        if (size === 0) return await rm(journalPath, { force: true });
        logger.error({ sizeBytes: size }, 'a journal of predictions does not say whose it is and can’t be read');
        await folder.setAside(journalPath, `unreadable-${Date.now()}`);
        return;
      }
      const { header, buffer, gap } = read;
      const { segmentId, deploymentName } = header;
      logger.warn({ segmentId, deploymentName, rows: buffer.rows, ...(gap && { gap }) }, 'predictions of a process that is gone are sealed');
      if (gap !== undefined) await this.tellLoss(header, gap);
      if (buffer.rows === 0) return await rm(journalPath, { force: true });
      const segment: ClosedSegment = { header, journalPath, rows: buffer.rows, bytes: size };
      spool.add(size);
      await this.write(segment, buffer);
      await this.store(segment);
    } catch (error) {
      if (!this.isStopped) logger.error({ err: error, journalPath }, 'a journal of predictions can’t be sealed; it is tried again with the next start');
    }
  }

  private async writeFile(segment: ClosedSegment, buffer: SegmentBuffer): Promise<NonNullable<ClosedSegment['file']>> {
    const path = segment.journalPath.replace(/\.journal$/, '.parquet');
    const summary = buffer.summary();
    const sizeBytes = await this.options.files.writeSegment(path, buffer.contents());
    segment.file = { path, sizeBytes, summary };
    segment.bytes += sizeBytes;
    this.options.spool.add(sizeBytes);
    return segment.file;
  }

  private async writeAgain(segment: ClosedSegment): Promise<NonNullable<ClosedSegment['file']>> {
    let writes = 0;
    return this.untilAvailable(
      async () => {
        const read = await readJournal(segment.journalPath);
        if (read === undefined || read.buffer.rows === 0) throw new DomainError('JOURNAL_EMPTY', 'The journal of the segment holds no rows.', 'invalid');
        // Where the disk was full, the journal may hold less than memory did.
        const missing = segment.rows - read.buffer.rows;
        if (missing > 0) await this.tellLoss(segment.header, { reason: 'unwritable', rows: missing, isExact: true });
        return this.writeFile(segment, read.buffer);
      },
      (error) => ++writes >= MAX_TRIES && !isFull(error),
    );
  }

  private async giveUp(segment: ClosedSegment, reason: Reason): Promise<void> {
    const { folder, logger, spool } = this.options;
    try {
      const [fromMs, toMs] = [segment.file?.summary.firstTime, segment.file?.summary.lastTime].map((time) => (time === undefined ? undefined : Date.parse(time)));
      await this.tellLoss(segment.header, { reason, rows: segment.rows, isExact: true, ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) });
      if (segment.file !== undefined) await rm(segment.file.path, { force: true });
      await folder.setAside(segment.journalPath, segment.header.segmentId);
      spool.remove(segment.bytes);
    } catch (error) {
      logger.error({ err: error, segmentId: segment.header.segmentId }, 'a loss of predictions could not be recorded');
    }
  }

  private async tellLoss({ workspace, deploymentId, deploymentName, segmentId }: JournalHeader, { fromMs, toMs, ...missing }: Missing): Promise<void> {
    const ids = { workspace, deploymentId, deploymentName, lossId: derivedId('loss', segmentId, missing.reason), segmentId };
    await this.untilAvailable(() => this.options.ledger.lost({ ...ids, ...missing, firstTime: timeOf(fromMs), lastTime: timeOf(toMs) }));
  }

  /** The same file and the same command again: neither can be stored twice. */
  private async untilAvailable<Result>(attempt: () => Promise<Result>, isLasting: (error: unknown) => boolean = () => false): Promise<Result> {
    const { signal } = this.stopping;
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS)) {
      try {
        return await attempt();
      } catch (error) {
        const refused = error instanceof DomainError && error.kind !== 'busy' && error.kind !== 'conflict';
        if (refused || signal.aborted || isLasting(error)) throw error;
        this.options.logger.warn({ err: error, retryInMs: backoffMs }, 'a segment can’t be stored yet');
        await pause(backoffMs, undefined, { signal });
      }
    }
  }
}

/** RFC 3339 UTC; empty when nobody knows. */
function timeOf(timeMs: number | undefined): string {
  return timeMs === undefined ? '' : new Date(timeMs).toISOString();
}

function isFull(error: unknown): boolean {
  return error instanceof Error && /ENOSPC|EDQUOT/.test(error.message);
}
