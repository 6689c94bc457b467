import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';

export interface PredictionRow {
  readonly id: string;
  /** RFC 3339. */
  readonly eventTime: string;
  readonly prediction: number;
  readonly features: Readonly<Record<string, number>>;
  readonly arm: string;
  readonly versionId: string;
}

export interface LabelRow {
  readonly id: string;
  readonly label: number;
  /** RFC 3339. */
  readonly knownTime: string;
}

interface Column {
  readonly element: SchemaElement;
  readonly data: unknown[];
}

/** A segment with the columns and types that serving writes. */
export function segmentFile(rows: readonly PredictionRow[]): Uint8Array {
  return parquet([
    text('prediction_id', rows.map(({ id }) => id)),
    text('inference_id', rows.map(({ id }) => id.slice(0, id.indexOf(':')))),
    time('time', rows.map(({ eventTime }) => eventTime)),
    time('event_time', rows.map(({ eventTime }) => eventTime)),
    text('version_id', rows.map(({ versionId }) => versionId)),
    text('arm', rows.map(({ arm }) => arm)),
    ...Object.keys(rows[0]?.features ?? {}).map((name) => number(name, rows.map(({ features }) => features[name] ?? Number.NaN))),
    number('prediction', rows.map(({ prediction }) => prediction)),
    number('latency_ms', rows.map(() => 1)),
  ]);
}

export function labelFile(rows: readonly LabelRow[]): Uint8Array {
  return parquet([
    text('prediction_id', rows.map(({ id }) => id)),
    number('label', rows.map(({ label }) => label)),
    time('known_time', rows.map(({ knownTime }) => knownTime)),
  ]);
}

/** A table of numbers, e.g. a training set. */
export function numbersFile(columns: Readonly<Record<string, readonly number[]>>): Uint8Array {
  return parquet(Object.entries(columns).map(([name, values]) => number(name, values)));
}

function parquet(columns: readonly Column[]): Uint8Array {
  const schema: SchemaElement[] = [{ name: 'root', num_children: columns.length }, ...columns.map(({ element }) => element)];
  return new Uint8Array(parquetWriteBuffer({ columnData: columns.map(({ element: { name }, data }) => ({ name, data })), schema }));
}

function text(name: string, data: readonly string[]): Column {
  return { element: { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' }, data: [...data] };
}

function number(name: string, data: readonly number[]): Column {
  return { element: { name, type: 'DOUBLE', repetition_type: 'REQUIRED' }, data: [...data] };
}

function time(name: string, data: readonly string[]): Column {
  const logical_type = { type: 'TIMESTAMP' as const, isAdjustedToUTC: true, unit: 'MILLIS' as const };
  const element: SchemaElement = { name, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', logical_type, repetition_type: 'REQUIRED' };
  return { element, data: data.map((moment) => BigInt(Date.parse(moment))) };
}
