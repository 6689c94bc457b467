import type { Arm } from '../../router/route.js';

/** What one request did, for the log. */
export interface InferenceEntry {
  /** UUIDv7. Row i of the request has the prediction id `<inference id>:<i>`. */
  readonly inferenceId: string;
  /** When it was answered, milliseconds since 1970. */
  readonly timeMs: number;
  /** The moment that the caller asked about; `timeMs` unless it is a replay. */
  readonly eventTimeMs: number;
  /** Empty: the fallback. */
  readonly versionId: string;
  readonly arm: Arm;
  readonly latencyMs: number;
  /** Row-major, one value per column. */
  readonly features: Float64Array;
  readonly predictions: Float64Array;
}

/** Rows by column, ready to be handed to another thread whole. Arrays may be longer than what is filled. */
export interface SegmentRows {
  readonly columns: readonly string[];
  readonly rowCount: number;
  readonly requestCount: number;
  readonly features: Float64Array<ArrayBuffer>;
  readonly predictions: Float64Array<ArrayBuffer>;
  /** Of each request: 16 bytes of its id, its rows, times, latency, and places in `versionIds` and `arms`. */
  readonly inferenceIds: Uint8Array<ArrayBuffer>;
  readonly requestRows: Uint32Array<ArrayBuffer>;
  readonly timesMs: Float64Array<ArrayBuffer>;
  readonly eventTimesMs: Float64Array<ArrayBuffer>;
  readonly latenciesMs: Float64Array<ArrayBuffer>;
  readonly versionIndex: Uint16Array<ArrayBuffer>;
  readonly armIndex: Uint8Array<ArrayBuffer>;
  readonly versionIds: readonly string[];
  readonly arms: readonly string[];
}

export interface SegmentSummary {
  readonly rowCount: number;
  readonly firstInferenceId: string;
  readonly lastInferenceId: string;
  readonly firstTime: string;
  readonly lastTime: string;
  /** Versions that answered somebody: neither shadow nor fallback. */
  readonly versionIds: readonly string[];
}

type Numbers = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

const ID_BYTES = 16;
const FIRST_CAPACITY = 1_024;

/**
 * Gathers rows of one list of features. Numbers go into typed arrays as they come: handing thousands of small objects to another thread at once would hold
 * up the event loop.
 */
export class SegmentBuffer {
  private rowCount = 0;
  private requestCount = 0;
  private features = new Float64Array(0);
  private predictions = new Float64Array(0);
  private inferenceIds = new Uint8Array(0);
  private requestRows = new Uint32Array(0);
  private timesMs = new Float64Array(0);
  private eventTimesMs = new Float64Array(0);
  private latenciesMs = new Float64Array(0);
  private versionIndex = new Uint16Array(0);
  private armIndex = new Uint8Array(0);
  private readonly versionIds: string[] = [];
  private readonly arms: Arm[] = [];
  private readonly answeredBy = new Set<string>();
  private firstInferenceId = '';
  private lastInferenceId = '';
  private firstEventMs = Infinity;
  private lastEventMs = -Infinity;

  constructor(
    private readonly columns: readonly string[],
    /** When the first row came, for its age. */
    readonly openedAtMs: number,
  ) {}

  get rows(): number {
    return this.rowCount;
  }

  add({ inferenceId, timeMs, eventTimeMs, versionId, arm, latencyMs, features, predictions }: InferenceEntry): void {
    const width = this.columns.length;
    const rows = predictions.length;
    if (rows === 0) return;
    this.features = grown(this.features, (this.rowCount + rows) * width);
    this.features.set(features, this.rowCount * width);
    this.predictions = grown(this.predictions, this.rowCount + rows);
    this.predictions.set(predictions, this.rowCount);
    this.growRequests(this.requestCount + 1);
    const at = this.requestCount;
    this.inferenceIds.set(Buffer.from(inferenceId.replaceAll('-', ''), 'hex'), at * ID_BYTES);
    this.requestRows[at] = rows;
    this.timesMs[at] = timeMs;
    this.eventTimesMs[at] = eventTimeMs;
    this.latenciesMs[at] = latencyMs;
    this.versionIndex[at] = indexIn(this.versionIds, versionId);
    this.armIndex[at] = indexIn(this.arms, arm);
    this.rowCount += rows;
    this.requestCount += 1;
    if (arm !== 'shadow' && versionId !== '') this.answeredBy.add(versionId);
    if (this.firstInferenceId === '' || inferenceId < this.firstInferenceId) this.firstInferenceId = inferenceId;
    if (inferenceId > this.lastInferenceId) this.lastInferenceId = inferenceId;
    this.firstEventMs = Math.min(this.firstEventMs, eventTimeMs);
    this.lastEventMs = Math.max(this.lastEventMs, eventTimeMs);
  }

  /** Only with rows in it: an empty buffer has no first and last. */
  summary(): SegmentSummary {
    const { rowCount, firstInferenceId, lastInferenceId } = this;
    const [firstTime, lastTime] = [new Date(this.firstEventMs).toISOString(), new Date(this.lastEventMs).toISOString()];
    return { rowCount, firstInferenceId, lastInferenceId, firstTime, lastTime, versionIds: [...this.answeredBy] };
  }

  /** The buffer is not to be used afterwards: its arrays are given away. */
  contents(): SegmentRows {
    const { columns, rowCount, requestCount, features, predictions, inferenceIds, requestRows, timesMs, eventTimesMs, latenciesMs, versionIndex, armIndex } = this;
    const { versionIds, arms } = this;
    return {
      columns, rowCount, requestCount, features, predictions, inferenceIds, requestRows, timesMs, eventTimesMs, latenciesMs, versionIndex, armIndex, versionIds, arms,
    };
  }

  private growRequests(count: number): void {
    this.inferenceIds = grown(this.inferenceIds, count * ID_BYTES);
    this.requestRows = grown(this.requestRows, count);
    this.timesMs = grown(this.timesMs, count);
    this.eventTimesMs = grown(this.eventTimesMs, count);
    this.latenciesMs = grown(this.latenciesMs, count);
    this.versionIndex = grown(this.versionIndex, count);
    this.armIndex = grown(this.armIndex, count);
  }
}

/** Doubles, so that adding one by one stays linear. */
function grown<Array extends Numbers>(array: Array, length: number): Array {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => Array)(Math.max(length, array.length * 2, FIRST_CAPACITY));
  larger.set(array);
  return larger;
}

function indexIn<Item>(list: Item[], item: Item): number {
  const index = list.indexOf(item);
  return index === -1 ? list.push(item) - 1 : index;
}
