import type { InferenceEntry } from './segment-buffer.js';
import { SegmentBuffer } from './segment-buffer.js';

export interface DeploymentLogOptions {
  /** Rows at which a buffer is full. */
  readonly segmentRows: number;
  /** Rows that may be buffered and under way to the store together. */
  readonly maxRows: number;
  /** Stores a buffer's rows; retries what is unavailable itself. */
  readonly seal: (buffer: SegmentBuffer) => Promise<void>;
  readonly now: () => number;
}

/** Rows of one deployment on their way into segments. Versions with other features have buffers of their own: a file has one list of columns. */
export class DeploymentLog {
  private readonly open = new Map<string, SegmentBuffer>();
  private readonly keys = new WeakMap<readonly string[], string>();
  private sealing: Promise<void> = Promise.resolve();
  private rowsUnderWay = 0;

  constructor(private readonly options: DeploymentLogOptions) {}

  /** Whether `rows` more may come: what can't be logged must not be answered. */
  hasRoom(rows: number): boolean {
    return this.bufferedRows + this.rowsUnderWay + rows <= this.options.maxRows;
  }

  add(columns: readonly string[], entry: InferenceEntry): void {
    const key = this.keyOf(columns);
    const buffer = this.open.get(key) ?? new SegmentBuffer(columns, this.options.now());
    this.open.set(key, buffer);
    buffer.add(entry);
    if (buffer.rows >= this.options.segmentRows) this.detach(key, buffer);
  }

  /** Lists that say the same share a buffer; the list of a version is the same object each time. */
  private keyOf(columns: readonly string[]): string {
    const known = this.keys.get(columns);
    if (known !== undefined) return known;
    const key = JSON.stringify(columns);
    this.keys.set(columns, key);
    return key;
  }

  /** Seals what is there, one segment after the other; resolves when everything that was added before is stored. */
  async seal(): Promise<void> {
    this.sealOlderThan(Infinity);
    await this.sealing;
  }

  /** Begins to seal buffers whose first row came before that moment, milliseconds since 1970. */
  sealOlderThan(timeMs: number): void {
    for (const [key, buffer] of this.open) if (buffer.openedAtMs <= timeMs) this.detach(key, buffer);
  }

  private get bufferedRows(): number {
    let rows = 0;
    for (const buffer of this.open.values()) rows += buffer.rows;
    return rows;
  }

  private detach(key: string, buffer: SegmentBuffer): void {
    this.open.delete(key);
    const { rows } = buffer;
    if (rows === 0) return;
    this.rowsUnderWay += rows;
    this.sealing = this.sealing
      .then(() => this.options.seal(buffer))
      .finally(() => {
        this.rowsUnderWay -= rows;
      });
  }
}
