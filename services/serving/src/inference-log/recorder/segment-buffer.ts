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
  /** Probability with which this arm was chosen for this request, in (0, 1]. */
  readonly propensity: number;
  readonly latencyMs: number;
  /** Which replica answered; the process that records unless it says otherwise. */
  readonly replicaId?: string;
  /** Which versions of looked-up feature values were used, in the words of whoever looked them up; absent when the request carried its values. */
  readonly featureVersions?: string;
  /** Row-major, one value per column. */
  readonly features: Float64Array;
  readonly predictions: Float64Array;
}

/** Rows by column, ready to be handed to another thread whole. Arrays may be longer than what is filled. */
export interface SegmentRows {
  readonly columns: readonly string[];
  /** Of the columns, those whose values nobody may keep: NaN stands in their place here, and null in the file. */
  readonly redacted: readonly string[];
  readonly rowCount: number;
  readonly requestCount: number;
  readonly features: Float64Array<ArrayBuffer>;
  readonly predictions: Float64Array<ArrayBuffer>;
  /** Of each request: 16 bytes of its id, its rows, times, latency, probabilities, and places in `texts`. */
  readonly inferenceIds: Uint8Array<ArrayBuffer>;
  readonly requestRows: Uint32Array<ArrayBuffer>;
  readonly timesMs: Float64Array<ArrayBuffer>;
  readonly eventTimesMs: Float64Array<ArrayBuffer>;
  readonly latenciesMs: Float64Array<ArrayBuffer>;
  readonly propensities: Float64Array<ArrayBuffer>;
  readonly sampleRates: Float64Array<ArrayBuffer>;
  readonly versionIndex: Uint32Array<ArrayBuffer>;
  readonly armIndex: Uint32Array<ArrayBuffer>;
  readonly replicaIndex: Uint32Array<ArrayBuffer>;
  readonly featureVersionsIndex: Uint32Array<ArrayBuffer>;
  readonly texts: readonly string[];
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

type Numbers = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

export const ID_BYTES = 16;
const UUID_LENGTH = 36;
const HYPHEN = 45;
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
  private propensities = new Float64Array(0);
  private sampleRates = new Float64Array(0);
  private versionIndex = new Uint32Array(0);
  private armIndex = new Uint32Array(0);
  private replicaIndex = new Uint32Array(0);
  private featureVersionsIndex = new Uint32Array(0);
  private readonly texts: string[] = [];
  private readonly textIndex = new Map<string, number>();
  private readonly answeredBy = new Set<string>();
  private firstInferenceId = '';
  private lastInferenceId = '';
  private firstEventMs = Infinity;
  private lastEventMs = -Infinity;

  constructor(
    private readonly columns: readonly string[],
    private readonly redacted: readonly string[] = [],
    /** Of entries that name none. */
    private readonly replicaId = '',
  ) {}

  get rows(): number {
    return this.rowCount;
  }

  /** `sampleRate` is the share of requests that is kept, of which this is one. */
  add(entry: InferenceEntry, sampleRate = 1): void {
    const { inferenceId, eventTimeMs, versionId, arm, features, predictions } = entry;
    const width = this.columns.length;
    const rows = predictions.length;
    if (rows === 0) return;
    this.features = grown(this.features, (this.rowCount + rows) * width);
    this.features.set(features, this.rowCount * width);
    this.predictions = grown(this.predictions, this.rowCount + rows);
    this.predictions.set(predictions, this.rowCount);
    this.growRequests(this.requestCount + 1);
    const at = this.requestCount;
    writeUuid(inferenceId, this.inferenceIds, at * ID_BYTES);
    this.requestRows[at] = rows;
    this.timesMs[at] = entry.timeMs;
    this.eventTimesMs[at] = eventTimeMs;
    this.latenciesMs[at] = entry.latencyMs;
    this.propensities[at] = entry.propensity;
    this.sampleRates[at] = sampleRate;
    this.versionIndex[at] = this.indexOf(versionId);
    this.armIndex[at] = this.indexOf(arm);
    this.replicaIndex[at] = this.indexOf(entry.replicaId ?? this.replicaId);
    this.featureVersionsIndex[at] = this.indexOf(entry.featureVersions ?? '');
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

  /** The arrays themselves, as they are at the moment. Once they were given away, the buffer is not to be used any more. */
  contents(): SegmentRows {
    const { columns, redacted, rowCount, requestCount, features, predictions, inferenceIds, requestRows, timesMs, eventTimesMs, latenciesMs, propensities } = this;
    const { sampleRates, versionIndex, armIndex, replicaIndex, featureVersionsIndex, texts } = this;
    return {
      columns, redacted, rowCount, requestCount, features, predictions, inferenceIds, requestRows, timesMs, eventTimesMs, latenciesMs, propensities, sampleRates,
      versionIndex, armIndex, replicaIndex, featureVersionsIndex, texts,
    };
  }

  private growRequests(count: number): void {
    if (count <= this.requestRows.length) return;
    this.requestRows = grown(this.requestRows, count);
    this.inferenceIds = grown(this.inferenceIds, this.requestRows.length * ID_BYTES);
    this.timesMs = grown(this.timesMs, count);
    this.eventTimesMs = grown(this.eventTimesMs, count);
    this.latenciesMs = grown(this.latenciesMs, count);
    this.propensities = grown(this.propensities, count);
    this.sampleRates = grown(this.sampleRates, count);
    this.versionIndex = grown(this.versionIndex, count);
    this.armIndex = grown(this.armIndex, count);
    this.replicaIndex = grown(this.replicaIndex, count);
    this.featureVersionsIndex = grown(this.featureVersionsIndex, count);
  }

  private indexOf(text: string): number {
    const known = this.textIndex.get(text);
    if (known !== undefined) return known;
    this.textIndex.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}

/** Doubles, so that adding one by one stays linear. */
function grown<Array extends Numbers>(array: Array, length: number): Array {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => Array)(Math.max(length, array.length * 2, FIRST_CAPACITY));
  larger.set(array);
  return larger;
}

/** Digits of a UUID in lower case, as bytes: without a text of them in between, which would cost more than all the rest of a row. */
function writeUuid(uuid: string, bytes: Uint8Array, offset: number): void {
  let at = offset;
  for (let index = 0; index < UUID_LENGTH; index += 2) {
    if (uuid.charCodeAt(index) === HYPHEN) index += 1;
    bytes[at] = (nibble(uuid.charCodeAt(index)) << 4) | nibble(uuid.charCodeAt(index + 1));
    at += 1;
  }
}

/** `0` to `9` are 48 to 57, `a` to `f` 97 to 102. */
function nibble(code: number): number {
  return code > 57 ? code - 87 : code - 48;
}
