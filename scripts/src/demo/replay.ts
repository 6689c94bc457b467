import { parquetReadObjects } from 'hyparquet';
import { DEPLOYMENT, type Demo } from './context.js';
import { hold } from './expectation.js';

interface Flight {
  readonly features: readonly number[];
  readonly label: number;
  readonly labelKnownMs: number;
  readonly predictedMs: number;
}

interface Pending {
  readonly prediction_id: string;
  readonly label: number;
  readonly knownMs: number;
}

interface InferAnswer {
  readonly parameters: { readonly inference_id: string; readonly arm: string };
  readonly outputs: readonly { readonly name: string; readonly data: readonly number[] }[];
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Requests in flight at once: enough to keep two replicas busy. */
const CONCURRENCY = 8;
const LABELS_PER_REQUEST = 10_000;

/** Plays flights through the endpoint, hour by hour of their time, and hands in labels once they are known. */
export class Replay {
  private readonly byHour: Map<number, Flight[]>;
  private readonly pending: Pending[] = [];
  predictions = 0;
  labels = 0;
  lastPredictionId = '';

  constructor(
    private readonly demo: Demo,
    flights: readonly Flight[],
  ) {
    this.byHour = new Map();
    for (const flight of flights) {
      const hour = Math.floor(flight.predictedMs / HOUR_MS);
      const known = this.byHour.get(hour);
      if (known === undefined) this.byHour.set(hour, [flight]);
      else known.push(flight);
    }
  }

  /** Reads rows with the feature columns, then `label`, `label_known_time`, `prediction_time`. */
  static async open(demo: Demo, parquet: Buffer): Promise<Replay> {
    const columns = demo.features.feature_service.features.map(({ column }) => column);
    const file = parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.byteLength) as ArrayBuffer;
    const rows = await parquetReadObjects({ file });
    return new Replay(
      demo,
      rows.map((row) => ({
        features: columns.map((column) => Number(row[column])),
        label: Number(row['label']),
        labelKnownMs: new Date(row['label_known_time'] as Date).getTime(),
        predictedMs: new Date(row['prediction_time'] as Date).getTime(),
      })),
    );
  }

  get rows(): number {
    let count = 0;
    for (const flights of this.byHour.values()) count += flights.length;
    return count;
  }

  /** Midnights (UTC, milliseconds) of the days that have flights. */
  get days(): readonly number[] {
    return [...new Set([...this.byHour.keys()].map((hour) => Math.floor((hour * HOUR_MS) / DAY_MS) * DAY_MS))].sort((a, b) => a - b);
  }

  /** Sends the flights of one day, then the labels that became known during it; the last ones of the evening come a day late. */
  async playDay(day: number): Promise<void> {
    const hours = Array.from({ length: 24 }, (_, hour) => day / HOUR_MS + hour).filter((hour) => this.byHour.has(hour));
    const next = hours[Symbol.iterator]();
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        for (const hour of next) await this.playHour(hour);
      }),
    );
    await this.demo.ana.post(`/serving/v1/deployments/${DEPLOYMENT}/seal`);
    await this.handInLabels(day + DAY_MS);
  }

  /** What is still unknown at the end: nobody has to wait longer than this. */
  async handInLabels(nowMs: number): Promise<void> {
    const known = this.pending.filter(({ knownMs }) => knownMs < nowMs);
    const unknown = this.pending.filter(({ knownMs }) => knownMs >= nowMs);
    this.pending.splice(0, this.pending.length, ...unknown);
    for (let from = 0; from < known.length; from += LABELS_PER_REQUEST) {
      const labels = known
        .slice(from, from + LABELS_PER_REQUEST)
        .map(({ prediction_id, label, knownMs }) => ({ prediction_id, label, known_time: new Date(knownMs).toISOString() }));
      await this.demo.ana.post(`/serving/v1/deployments/${DEPLOYMENT}/labels`, { labels });
      this.labels += labels.length;
    }
  }

  private async playHour(hour: number): Promise<void> {
    const flights = this.byHour.get(hour) ?? [];
    const width = flights[0]?.features.length ?? 0;
    const answer = await this.demo.ana.post<InferAnswer>(`/v2/models/${DEPLOYMENT}/infer`, {
      parameters: { event_time: new Date(hour * HOUR_MS).toISOString() },
      inputs: [{ name: 'features', datatype: 'FP32', shape: [flights.length, width], data: flights.flatMap(({ features }) => features) }],
    });
    const predicted = answer.outputs[0]?.data.length;
    hold(predicted === flights.length, `asked for ${flights.length} predictions and got ${predicted}`);
    const id = answer.parameters.inference_id;
    flights.forEach(({ label, labelKnownMs }, row) => this.pending.push({ prediction_id: `${id}:${row}`, label, knownMs: labelKnownMs }));
    this.predictions += flights.length;
    this.lastPredictionId = `${id}:${flights.length - 1}`;
  }
}
