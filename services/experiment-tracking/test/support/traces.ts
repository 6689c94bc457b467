import { randomBytes } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import type { JsonAnswer } from '@cairn/testing';
import type { TrackingClient } from './tracking-client.js';

/** What of a span a spec wants to be otherwise. */
export type SpanFields = Partial<Pick<otlp.Span, 'traceId' | 'spanId' | 'parentSpanId' | 'name' | 'startTimeUnixNano' | 'endTimeUnixNano'>> & { readonly failed?: boolean };

/** A trace's id in both forms. */
export interface TraceIds {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly traceId: string;
}

export function newTrace(): TraceIds {
  const bytes = new Uint8Array(randomBytes(16));
  return { bytes, traceId: `tr-${Buffer.from(bytes).toString('hex')}` };
}

export function newSpanId(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(8));
}

const START_NS = 1_700_000_000_123_456_789n;

/** A root of 1.5 s unless something else is said. */
export function span({ bytes }: TraceIds, { failed = false, ...fields }: SpanFields = {}, attributes: Readonly<Record<string, string>> = {}): otlp.Span {
  const made = create(otlp.SpanSchema, {
    traceId: bytes,
    spanId: newSpanId(),
    name: 'root',
    startTimeUnixNano: START_NS,
    endTimeUnixNano: START_NS + 1_500_000_000n,
    status: { code: failed ? otlp.Status_StatusCode.ERROR : otlp.Status_StatusCode.OK },
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: { value: { case: 'stringValue' as const, value } } })),
  });
  return Object.assign(made, fields);
}

export function exportOf(...spans: readonly otlp.Span[]): Uint8Array<ArrayBuffer> {
  const resource = { attributes: [{ key: 'service.name', value: { value: { case: 'stringValue' as const, value: 'spec' } } }] };
  const request = create(otlp.ExportTraceServiceRequestSchema, { resourceSpans: [{ resource, scopeSpans: [{ spans: [...spans] }] }] });
  return new Uint8Array(toBinary(otlp.ExportTraceServiceRequestSchema, request));
}

export interface ExportAnswer {
  readonly status: number;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** `POST /v1/traces`, as an exporter sends it. */
export async function sendExport(url: string, body: Uint8Array<ArrayBuffer> | string, headers: Readonly<Record<string, string>>): Promise<ExportAnswer> {
  const response = await fetch(`${url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf', ...headers }, body });
  return { status: response.status, type: response.headers.get('content-type') ?? '', bytes: new Uint8Array(await response.arrayBuffer()) };
}

export function exportResponse({ bytes }: ExportAnswer): otlp.ExportTraceServiceResponse {
  return fromBinary(otlp.ExportTraceServiceResponseSchema, bytes);
}

/** What MLflow's client sends when a trace has ended. */
export function traceInfo(experimentId: string, traceId: string, fields: Readonly<Record<string, unknown>> = {}) {
  return {
    trace: {
      trace_info: {
        trace_id: traceId,
        trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } },
        request_time: '2026-11-21T02:48:21.542Z',
        execution_duration: '1.500s',
        state: 'OK',
        trace_metadata: { 'mlflow.user': 'ada' },
        tags: { 'mlflow.traceName': 'answer' },
        request_preview: '{"x": 1}',
        response_preview: '2',
        ...fields,
      },
    },
  };
}

export class TraceClient {
  constructor(private readonly tracking: TrackingClient) {}

  v3(method: string, path: string, body?: unknown): Promise<JsonAnswer> {
    return this.tracking.fetchJson(method, `/api/3.0/mlflow/traces${path}`, body);
  }

  v2(method: string, path: string, body?: unknown): Promise<JsonAnswer> {
    return this.tracking.fetchJson(method, `/api/2.0/mlflow/traces${path}`, body);
  }

  send(experimentId: string, ...spans: readonly otlp.Span[]): Promise<ExportAnswer> {
    return sendExport(this.tracking.url, exportOf(...spans), { 'x-mlflow-experiment-id': experimentId });
  }

  /** Id of a new trace of which its client has told, without spans. */
  async told(experimentId: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { traceId } = newTrace();
    const { status } = await this.v3('POST', '', traceInfo(experimentId, traceId, fields));
    if (status !== 200) throw new Error(`the trace was not taken: ${status}`);
    return traceId;
  }

  search(experimentId: string, fields: Readonly<Record<string, unknown>> = {}): Promise<JsonAnswer> {
    return this.v3('POST', '/search', { locations: [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } }], ...fields });
  }
}
