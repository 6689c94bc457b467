import { toJson } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import { jsonOfValue } from '../../span-log/otlp/any-value.js';

/**
 * Numbers of 64 bits are texts in protobuf's JSON; MLflow writes them as numbers. Inside a text every quote has a backslash before it, so that none of these
 * patterns can begin or end there.
 */
const WIDE_NUMBER = /"((?:start_|end_)?time_unix_nano|int_value)":"(-?\d+)"/g;

/** A span as MLflow's routes show it: protobuf's JSON with the names of the definition, ids in base64. */
export function spanJson(span: otlp.Span): string {
  return JSON.stringify(toJson(otlp.SpanSchema, span, { useProtoFieldName: true })).replaceAll(WIDE_NUMBER, '"$1":$2');
}

/** A span as MLflow's client stores it in `traces.json` (mlflow.entities.span, to_dict): every attribute is dumped to JSON once more. */
export function spanDump(span: otlp.Span, traceId: string): string {
  const attributes = [...span.attributes.map(({ key, value }) => [key, jsonOfValue(value)] as const), ['mlflow.traceRequestId', JSON.stringify(traceId)] as const];
  const events = span.events.map((event) =>
    objectOf([
      ['name', JSON.stringify(event.name)],
      ['time_unix_nano', String(event.timeUnixNano)],
      ['attributes', objectOf(event.attributes.map(({ key, value }) => [key, jsonOfValue(value)]))],
    ]),
  );
  const fields: [string, string][] = [
    ['trace_id', base64(span.traceId)],
    ['span_id', base64(span.spanId)],
    ['parent_span_id', span.parentSpanId.length === 0 ? 'null' : base64(span.parentSpanId)],
    ['name', JSON.stringify(span.name)],
    ['start_time_unix_nano', String(span.startTimeUnixNano)],
    ['end_time_unix_nano', String(span.endTimeUnixNano)],
    ['events', `[${events.join(',')}]`],
    ['status', objectOf([['code', JSON.stringify(codeOf(span))], ['message', JSON.stringify(span.status?.message ?? '')]])],
    ['attributes', objectOf(attributes.map(([key, json]) => [key, JSON.stringify(json)]))],
    ['links', '[]'],
  ];
  return objectOf(fields);
}

function objectOf(fields: readonly (readonly [name: string, json: string])[]): string {
  // Of two attributes with one name the last counts.
  return `{${[...new Map(fields)].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

function base64(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('base64'));
}

function codeOf({ status }: otlp.Span): string {
  if (status?.code === otlp.Status_StatusCode.OK) return 'STATUS_CODE_OK';
  return status?.code === otlp.Status_StatusCode.ERROR ? 'STATUS_CODE_ERROR' : 'STATUS_CODE_UNSET';
}
