import { Metadata, ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import { newId } from '@cairn/kernel';
import { Histogram, type Registry } from 'prom-client';
import { textOf } from './caller.js';

/** Metadata of a call and of its answer, as the header of HTTP. */
export const CORRELATION_ID = 'x-correlation-id';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

export type CallHistogram = Histogram<'method' | 'status'>;

export function callHistogram(registry: Registry): CallHistogram {
  return new Histogram({
    name: 'grpc_request_duration_seconds',
    help: 'Time from the first byte in to the status of a gRPC call, by method. CANCELLED: also where the library ended it, for its deadline, size or coding.',
    labelNames: ['method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
}

/**
 * Counts every call, and gives a caller that sends a correlation id the same one back, before the answer or with the status where there is none. One that is no UUID is
 * replaced. Without one there is none, as for inference over HTTP: an id for each would cost more than many an answer. Of the interceptors the one that is nearest to the
 * wire, so that it sees what the others refuse.
 */
export function observed(histogram: CallHistogram): ServerInterceptor {
  const counters = new Map<string, Histogram.Internal<'method' | 'status'>>();
  /** Found by their labels once: that costs more than to count. */
  const counterOf = (method: string, code: status): Histogram.Internal<'method' | 'status'> => {
    const key = `${code} ${method}`;
    const counter = counters.get(key) ?? histogram.labels({ method, status: status[code] });
    counters.set(key, counter);
    return counter;
  };
  return ({ path }, call) => {
    const startedAt = performance.now();
    const method = path.slice(1);
    let correlationId: string | undefined;
    let isOver = false;
    let hasHead = false;
    const over = (code: status): void => {
      if (isOver) return;
      isOver = true;
      counterOf(method, code).observe((performance.now() - startedAt) / 1_000);
    };
    const identified = (metadata: Metadata): Metadata => {
      if (correlationId !== undefined) metadata.set(CORRELATION_ID, correlationId);
      return metadata;
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            const asked = textOf(metadata, CORRELATION_ID)?.toLowerCase();
            if (asked !== undefined) correlationId = UUID.test(asked) ? asked : newId();
            proceed(identified(metadata));
          },
          onCancel: () => over(status.CANCELLED),
        }),
      sendMetadata: (metadata, next) => {
        hasHead = true;
        next(identified(metadata));
      },
      sendMessage: (message, next) => {
        if (correlationId !== undefined && !hasHead) {
          hasHead = true;
          call.sendMetadata(identified(new Metadata()));
        }
        next(message);
      },
      sendStatus: (ended, next) => {
        over(ended.code);
        next(correlationId === undefined || hasHead ? ended : { ...ended, metadata: identified(ended.metadata ?? new Metadata()) });
      },
    });
  };
}
