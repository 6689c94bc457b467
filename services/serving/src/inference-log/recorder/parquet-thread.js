// Writes Parquet files away from the event loop: a full segment takes some hundred milliseconds. JavaScript, type-checked through its comments, because a thread
// starts from a file, and the tests start it from the sources.
import { writeFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { parquetWriteBuffer } from 'hyparquet-writer';

/** @import { SchemaElement } from 'hyparquet' */
/** @import { LabelRows, ParquetAnswer, ParquetRequest } from './parquet-protocol.js' */
/** @import { SegmentRows } from './segment-buffer.js' */

/** @typedef {{ element: SchemaElement, data: unknown[] | Float64Array, encoding?: 'PLAIN', statistics?: false }} Column */

const port = parentPort;

port?.on('message', async (/** @type {ParquetRequest} */ request) => {
  try {
    const columns = request.kind === 'segment' ? segmentColumns(request.rows) : labelColumns(request.rows);
    const bytes = toParquet(columns);
    await writeFile(request.path, bytes);
    answer({ seq: request.seq, sizeBytes: bytes.length });
  } catch (error) {
    answer({ seq: request.seq, message: error instanceof Error ? error.message : String(error) });
  }
});

/** @param {ParquetAnswer} message */
function answer(message) {
  port?.postMessage(message);
}

/** @param {Column[]} columns */
function toParquet(columns) {
  /** @type {SchemaElement[]} */
  const schema = [{ name: 'root', num_children: columns.length }, ...columns.map(({ element }) => element)];
  const columnData = columns.map(({ element, ...column }) => ({ name: element.name, ...column }));
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, createdBy: 'cairn', rowGroupSize: 131_072 }));
}

/** @param {SegmentRows} rows @returns {Column[]} */
function segmentColumns(rows) {
  const inferenceIds = requestColumn(rows, (request) => uuidAt(rows.inferenceIds, request * 16));
  return [
    unique('prediction_id', predictionIds(rows, inferenceIds)),
    text('inference_id', inferenceIds),
    time('time', requestColumn(rows, (request) => BigInt(rows.timesMs[request] ?? 0))),
    time('event_time', requestColumn(rows, (request) => BigInt(rows.eventTimesMs[request] ?? 0))),
    textOfRequest('version_id', rows, rows.versionIndex),
    textOfRequest('arm', rows, rows.armIndex),
    numberOfRequest('propensity', rows, rows.propensities),
    numberOfRequest('sample_rate', rows, rows.sampleRates),
    textOfRequest('replica_id', rows, rows.replicaIndex),
    textOfRequest('feature_versions', rows, rows.featureVersionsIndex),
    ...rows.columns.map((name, column) => (rows.redacted.includes(name) ? redacted(name, rows.rowCount) : number(name, featureColumn(rows, column)))),
    number('prediction', rows.predictions.subarray(0, rows.rowCount)),
    numberOfRequest('latency_ms', rows, rows.latenciesMs),
  ];
}

/** @param {LabelRows} rows @returns {Column[]} */
function labelColumns({ predictionIds, labels, knownTimesMs }) {
  return [unique('prediction_id', [...predictionIds]), number('label', labels), time('known_time', Array.from(knownTimesMs, BigInt))];
}

/** @template Value @param {SegmentRows} rows @param {(request: number) => Value} valueOf @returns {Value[]} */
function requestColumn({ rowCount, requestCount, requestRows }, valueOf) {
  /** @type {Value[]} */
  const values = new Array(rowCount);
  let row = 0;
  for (let request = 0; request < requestCount; request += 1) {
    const value = valueOf(request);
    const end = row + (requestRows[request] ?? 0);
    while (row < end) values[row++] = value;
  }
  return values;
}

/** @param {string} name @param {SegmentRows} rows @param {Uint32Array} index @returns {Column} */
function textOfRequest(name, rows, index) {
  return text(name, requestColumn(rows, (request) => rows.texts[index[request] ?? 0] ?? ''));
}

/** @param {string} name @param {SegmentRows} rows @param {Float64Array} values @returns {Column} */
function numberOfRequest(name, rows, values) {
  return number(name, Float64Array.from(requestColumn(rows, (request) => values[request] ?? 0)));
}

/** @param {SegmentRows} rows @param {readonly string[]} inferenceIds */
function predictionIds({ rowCount, requestCount, requestRows }, inferenceIds) {
  /** @type {string[]} */
  const ids = new Array(rowCount);
  let row = 0;
  for (let request = 0; request < requestCount; request += 1) {
    const start = row;
    const end = row + (requestRows[request] ?? 0);
    for (; row < end; row += 1) ids[row] = `${inferenceIds[row]}:${row - start}`;
  }
  return ids;
}

/** @param {SegmentRows} rows @param {number} column */
function featureColumn({ features, columns, rowCount }, column) {
  const values = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row += 1) values[row] = features[row * columns.length + column] ?? 0;
  return values;
}

/** @param {Uint8Array} bytes @param {number} offset */
function uuidAt(bytes, offset) {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset + offset, 16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Least and greatest text would take a quarter of the time and help nobody: ids are looked up by segment. @param {string} name @param {string[]} data @returns {Column} */
function text(name, data) {
  return { element: { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' }, data, statistics: false };
}

/** Spares the search for repetitions. @param {string} name @param {string[]} data @returns {Column} */
function unique(name, data) {
  return { ...text(name, data), encoding: 'PLAIN' };
}

/** @param {string} name @param {Float64Array} data @returns {Column} */
function number(name, data) {
  return { element: { name, type: 'DOUBLE', repetition_type: 'REQUIRED' }, data };
}

/** A column that is there, and says nothing. @param {string} name @param {number} rowCount @returns {Column} */
function redacted(name, rowCount) {
  return { element: { name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }, data: new Array(rowCount).fill(null) };
}

/** Milliseconds since 1970, marked as UTC. @param {string} name @param {bigint[]} data @returns {Column} */
function time(name, data) {
  /** @type {SchemaElement} */
  const element = {
    name,
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    repetition_type: 'REQUIRED',
  };
  return { element, data };
}
