import { AsyncLocalStorage } from 'node:async_hooks';
import { pooledRandom } from '@cairn/kernel';
import { parseTraceParent } from '@opentelemetry/core';

/** What a request carries from its first hook to its last. */
export interface RequestContext {
  readonly traceId: string;
  /** W3C trace context with a span of ours as the parent of whatever follows. */
  readonly traceparent: string;
  /** UUID. */
  readonly correlationId: string;
}

/** For log lines only: what a command needs of the request comes by argument. */
export const requestScope = new AsyncLocalStorage<RequestContext>();

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const randomHex = (bytes: number): string => pooledRandom(bytes).toString('hex');

/** Goes on with the caller's trace, or begins one. */
export function continueTrace(header: string | undefined): { readonly traceId: string; readonly traceparent: string } {
  const parent = header === undefined ? null : parseTraceParent(header);
  const traceId = parent?.traceId ?? randomHex(TRACE_ID_BYTES);
  const flags = (parent?.traceFlags ?? 1).toString(16).padStart(2, '0');
  return { traceId, traceparent: `00-${traceId}-${randomHex(SPAN_ID_BYTES)}-${flags}` };
}
