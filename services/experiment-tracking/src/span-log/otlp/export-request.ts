import { fromBinary, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import { DomainError } from '@cairn/kernel';

/** How the body of an export is written. */
export type OtlpEncoding = 'protobuf' | 'json';

/** OTLP's JSON writes ids in hex, where protobuf's JSON has base64 for bytes (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding"). */
const HEX_FIELDS: readonly string[] = ['traceId', 'spanId', 'parentSpanId', 'trace_id', 'span_id', 'parent_span_id'];
const HEX = /^(?:[0-9a-fA-F]{2})*$/;

/** Throws DomainError INVALID_OTLP: malformed, or nested too deep (100 levels). */
export function decodeExport(body: Uint8Array, encoding: OtlpEncoding): otlp.ExportTraceServiceRequest {
  try {
    if (encoding === 'protobuf') return fromBinary(otlp.ExportTraceServiceRequestSchema, body);
    const parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body), hexToBase64) as JsonValue;
    return fromJson(otlp.ExportTraceServiceRequestSchema, parsed, { ignoreUnknownFields: true });
  } catch (cause) {
    const message = 'Invalid OpenTelemetry format: the body is no ExportTraceServiceRequest in the encoding that its content type names.';
    throw new DomainError('INVALID_OTLP', message, 'invalid', { cause });
  }
}

function hexToBase64(this: unknown, name: string, value: unknown): unknown {
  if (!HEX_FIELDS.includes(name) || typeof value !== 'string') return value;
  if (!HEX.test(value)) throw new TypeError(`${name} is not in hex`);
  return Buffer.from(value, 'hex').toString('base64');
}
