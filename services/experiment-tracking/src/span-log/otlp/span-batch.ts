import { create, toBinary } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import { storable, textOfValue } from './any-value.js';
import { spanFigures, type SpanFigures } from './span-figures.js';

/** What one export brings of one trace: bytes that are kept as they are, until they are sealed and after. */
export interface SpanChunk {
  readonly traceId: string;
  /** An encoded TracesData with spans of this trace alone. */
  readonly bytes: Uint8Array;
  readonly spanCount: number;
}

/** What of a span can be searched for. */
export interface SpanRow {
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** Empty for the root of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly type: string;
  /** `OK` | `ERROR` | `UNSET`. */
  readonly status: string;
  readonly startTimeNs: bigint;
  readonly endTimeNs: bigint;
  readonly attributes: Readonly<Record<string, string>>;
  readonly figures: SpanFigures;
}

export interface SpanBatch {
  readonly chunks: readonly SpanChunk[];
  readonly rows: readonly SpanRow[];
  readonly rejectedSpans: number;
  /** Why the first of them was; empty when none was. */
  readonly rejection: string;
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** Longer ones are kept, and found by their beginnings. */
const MAX_NAME_LENGTH = 500;
const MAX_VALUE_LENGTH = 8_000;
const MAX_INDEXED_CHARACTERS = 32_000;
/** The largest bigint of a table: the year 2262. */
const LAST_NS = 2n ** 63n - 1n;

/** Sorts the spans of an export by trace. A span without valid ids is rejected, the others are taken. */
export function spanBatch({ resourceSpans }: otlp.ExportTraceServiceRequest): SpanBatch {
  const traces = new Map<string, { data: otlp.TracesData; spanCount: number }>();
  const rows: SpanRow[] = [];
  let rejectedSpans = 0;
  for (const { resource, scopeSpans, schemaUrl } of resourceSpans) {
    for (const { scope, spans, schemaUrl: scopeSchemaUrl } of scopeSpans) {
      const ofScope = new Map<string, otlp.Span[]>();
      for (const span of spans) {
        const traceId = traceIdOf(span);
        if (traceId === undefined) {
          rejectedSpans += 1;
          continue;
        }
        rows.push(spanRow(traceId, span));
        const some = ofScope.get(traceId);
        if (some === undefined) ofScope.set(traceId, [span]);
        else some.push(span);
      }
      for (const [traceId, some] of ofScope) {
        const kept = traces.get(traceId) ?? { data: create(otlp.TracesDataSchema), spanCount: 0 };
        const scoped = create(otlp.ScopeSpansSchema, { ...(scope !== undefined && { scope }), spans: some, schemaUrl: scopeSchemaUrl });
        kept.data.resourceSpans.push(create(otlp.ResourceSpansSchema, { ...(resource !== undefined && { resource }), scopeSpans: [scoped], schemaUrl }));
        kept.spanCount += some.length;
        traces.set(traceId, kept);
      }
    }
  }
  const chunks = [...traces].map(([traceId, { data, spanCount }]) => ({ traceId, bytes: toBinary(otlp.TracesDataSchema, data), spanCount }));
  const rejection = rejectedSpans === 0 ? '' : 'A span needs a trace_id of 16 bytes and a span_id of 8, neither all zero.';
  return { chunks, rows, rejectedSpans, rejection };
}

/** MLflow's name of a trace: `tr-` and the trace id in hex. Undefined when the span has no valid ids. */
export function traceIdOf({ traceId, spanId, parentSpanId }: Pick<otlp.Span, 'traceId' | 'spanId' | 'parentSpanId'>): string | undefined {
  const valid = isId(traceId, TRACE_ID_BYTES) && isId(spanId, SPAN_ID_BYTES) && (parentSpanId.length === 0 || parentSpanId.length === SPAN_ID_BYTES);
  return valid ? `tr-${hex(traceId)}` : undefined;
}

export function spanRow(traceId: string, span: otlp.Span): SpanRow {
  const figures = spanFigures(span.attributes);
  return {
    traceId,
    spanId: hex(span.spanId),
    parentSpanId: isId(span.parentSpanId, SPAN_ID_BYTES) ? hex(span.parentSpanId) : '',
    name: storable(span.name, MAX_NAME_LENGTH),
    type: figures.type ?? 'UNKNOWN',
    status: span.status?.code === otlp.Status_StatusCode.OK ? 'OK' : span.status?.code === otlp.Status_StatusCode.ERROR ? 'ERROR' : 'UNSET',
    startTimeNs: bounded(span.startTimeUnixNano),
    endTimeNs: bounded(span.endTimeUnixNano),
    attributes: indexed(span.attributes),
    figures,
  };
}

/** As much as can be searched for at a bearable price; the rest is in the span alone. */
function indexed(attributes: readonly otlp.KeyValue[]): Record<string, string> {
  let room = MAX_INDEXED_CHARACTERS;
  const texts: [string, string][] = [];
  for (const { key, value } of attributes) {
    if (room <= 0) break;
    const entry: [string, string] = [storable(key, MAX_NAME_LENGTH), storable(textOfValue(value), Math.min(MAX_VALUE_LENGTH, room))];
    texts.push(entry);
    room -= entry[0].length + entry[1].length;
  }
  return Object.fromEntries(texts);
}

function isId(id: Uint8Array, bytes: number): boolean {
  return id.length === bytes && id.some((byte) => byte !== 0);
}

function hex(id: Uint8Array): string {
  return Buffer.from(id).toString('hex');
}

function bounded(ns: bigint): bigint {
  return ns > LAST_NS ? LAST_NS : ns;
}
