import { join } from 'node:path';
import { SegmentBuffer, type InferenceEntry } from '../segment-buffer.js';
import { NOTHING, type BlockEncoder, type BlockMark } from './journal-block.js';
import type { JournalHeader } from './journal-header.js';
import { Journal } from './journal.js';

/** Rows that are on their way into one file: in memory for the file, and in a journal until the log knows the file. */
export class OpenSegment {
  readonly buffer: SegmentBuffer;
  private journal: Journal | undefined;
  private journaled: BlockMark = NOTHING;
  private isEnded = false;

  constructor(
    readonly header: JournalHeader,
    private readonly directory: string,
    /** When the first row came, for its age; milliseconds since 1970. */
    readonly openedAtMs: number,
    replicaId = '',
  ) {
    this.buffer = new SegmentBuffer(header.columns, header.redacted, replicaId);
  }

  get journalPath(): string {
    return join(this.directory, `${this.header.segmentId}.journal`);
  }

  /** Of the journal. */
  get bytes(): number {
    return this.journal?.bytes ?? 0;
  }

  add(entry: InferenceEntry, sampleRate: number): void {
    this.buffer.add(entry, sampleRate);
  }

  /** Writes what came since the last time. Throws when that can't be; then all of it is due the next time. */
  flush(encoder: BlockEncoder): void {
    const contents = this.buffer.contents();
    const mark = { requests: contents.requestCount, rows: contents.rowCount, texts: contents.texts.length };
    if (this.isEnded || mark.requests === this.journaled.requests) return;
    this.journal ??= Journal.create(this.journalPath, this.header);
    this.journal.append(encoder.encode(contents, this.journaled));
    this.journaled = mark;
  }

  async sync(): Promise<void> {
    await this.journal?.sync();
  }

  /** No row follows, and all are on disk when it resolves. Throws like `flush`; the file is closed in either case. */
  async end(encoder: BlockEncoder): Promise<void> {
    try {
      this.flush(encoder);
      this.journal?.append(encoder.end());
      await this.journal?.sync();
    } finally {
      this.isEnded = true;
      await this.journal?.close();
    }
  }
}
