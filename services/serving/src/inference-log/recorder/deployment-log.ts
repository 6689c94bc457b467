import type { Logging } from '../../deployment/domain/logging.js';
import { isSampled, Redaction } from './kept.js';
import type { OpenSegment } from './journal/open-segment.js';
import type { InferenceEntry } from './segment-buffer.js';
import type { ClosedSegment } from './segment-sealer.js';

export interface DeploymentLogOptions {
  /** Rows at which a segment is full. */
  readonly segmentRows: number;
  /** Rows that may be in memory, those that are just being written included. */
  readonly maxRows: number;
  readonly open: (columns: readonly string[], redacted: readonly string[]) => OpenSegment;
  /** Ends a segment and writes its file: its rows leave memory. Never rejects. */
  readonly write: (segment: OpenSegment) => Promise<ClosedSegment>;
  /** Brings the file into the log; retries what is unavailable itself. Never rejects. */
  readonly store: (segment: ClosedSegment) => Promise<void>;
}

/**
 * Rows of one deployment on their way into segments. Versions with other features have segments of their own: a file has one list of columns. What must
 * not be kept goes no further than here.
 */
export class DeploymentLog {
  private readonly open = new Map<string, OpenSegment>();
  private readonly redactions = new WeakMap<readonly string[], Redaction>();
  private writing: Promise<unknown> = Promise.resolve();
  private storing: Promise<unknown> = Promise.resolve();
  private rowsUnderWay = 0;

  constructor(private readonly options: DeploymentLogOptions) {}

  /** Whether `rows` more may come: what can't be logged must not be answered. */
  hasRoom(rows: number): boolean {
    return this.bufferedRows + this.rowsUnderWay + rows <= this.options.maxRows;
  }

  /** The segment that the rows went to; undefined when the sample leaves them out. */
  add(logging: Logging, columns: readonly string[], entry: InferenceEntry): OpenSegment | undefined {
    if (!isSampled(entry.inferenceId, logging.sampleRate)) return undefined;
    const redaction = this.redactionOf(logging, columns);
    const segment = this.open.get(redaction.key) ?? this.options.open(columns, redaction.redacted);
    this.open.set(redaction.key, segment);
    segment.add(redaction.apply(entry), logging.sampleRate);
    if (segment.buffer.rows >= this.options.segmentRows) this.detach(redaction.key, segment);
    return segment;
  }

  openSegments(): Iterable<OpenSegment> {
    return this.open.values();
  }

  /** Seals what is there; resolves when everything that was added before is stored. */
  async seal(): Promise<void> {
    this.sealOlderThan(Infinity);
    await this.storing;
  }

  /** Begins to seal segments whose first row came before that moment, milliseconds since 1970. */
  sealOlderThan(timeMs: number): void {
    for (const [key, segment] of this.open) if (segment.openedAtMs <= timeMs) this.detach(key, segment);
  }

  private get bufferedRows(): number {
    let rows = 0;
    for (const { buffer } of this.open.values()) rows += buffer.rows;
    return rows;
  }

  /** Files are written one after the other, and stored one after the other, but the next is written while one waits for the store. */
  private detach(key: string, segment: OpenSegment): void {
    this.open.delete(key);
    const { rows } = segment.buffer;
    if (rows === 0) return;
    this.rowsUnderWay += rows;
    const written = this.writing
      .then(() => this.options.write(segment))
      .finally(() => {
        this.rowsUnderWay -= rows;
      });
    this.writing = written;
    this.storing = Promise.all([written, this.storing]).then(([closed]) => this.options.store(closed));
  }

  /** The list of a version is the same object each time, and so are settings until they change. */
  private redactionOf(logging: Logging, columns: readonly string[]): Redaction {
    const known = this.redactions.get(columns);
    if (known?.logging === logging) return known;
    const redaction = new Redaction(logging, columns);
    this.redactions.set(columns, redaction);
    return redaction;
  }
}
