import { Worker } from 'node:worker_threads';
import { featureColumns } from './log-columns.js';
import type { LabelRows, ParquetAnswer, ParquetRequest } from './parquet-protocol.js';
import type { SegmentRows } from './segment-buffer.js';

const THREAD = new URL('./parquet-thread.js', import.meta.url);

interface Waiting {
  readonly resolve: (sizeBytes: number) => void;
  readonly reject: (error: Error) => void;
}

/** Writes Parquet files in a thread of its own, which starts with the first file and again after it was lost. */
export class ParquetWriter {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private seq = 0;

  /** Takes the rows' memory. Resolves with the file's size in bytes; nothing is known about the file after a rejection. */
  writeSegment(path: string, rows: SegmentRows): Promise<number> {
    const { features, predictions, inferenceIds, requestRows, timesMs, eventTimesMs, latenciesMs, propensities, sampleRates } = rows;
    const texts = [rows.versionIndex, rows.armIndex, rows.replicaIndex, rows.featureVersionsIndex];
    const arrays = [features, predictions, inferenceIds, requestRows, timesMs, eventTimesMs, latenciesMs, propensities, sampleRates, ...texts];
    const columns = featureColumns(rows.columns);
    const redacted = columns.filter((_name, place) => rows.redacted.includes(rows.columns[place] ?? ''));
    return this.send((seq) => ({ seq, kind: 'segment', path, rows: { ...rows, columns, redacted } }), arrays.map(({ buffer }) => buffer));
  }

  writeLabels(path: string, rows: LabelRows): Promise<number> {
    return this.send((seq) => ({ seq, kind: 'labels', path, rows }), [rows.labels.buffer, rows.knownTimesMs.buffer]);
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private send(request: (seq: number) => ParquetRequest, transfer: ArrayBuffer[]): Promise<number> {
    this.worker ??= this.start();
    const { worker } = this;
    this.seq += 1;
    const { seq } = this;
    return new Promise((resolve, reject) => {
      this.waiting.set(seq, { resolve, reject });
      worker.postMessage(request(seq), transfer);
    });
  }

  private start(): Worker {
    const worker = new Worker(THREAD);
    let cause: unknown;
    worker.on('message', (answer: ParquetAnswer) => {
      const waiting = this.waiting.get(answer.seq);
      this.waiting.delete(answer.seq);
      if ('message' in answer) waiting?.reject(new Error(answer.message));
      else waiting?.resolve(answer.sizeBytes);
    });
    worker.once('error', (error) => (cause = error));
    worker.once('exit', () => {
      this.worker = undefined;
      for (const { reject } of this.waiting.values()) reject(new Error('the thread that writes Parquet files ended', { cause }));
      this.waiting.clear();
    });
    return worker;
  }
}
