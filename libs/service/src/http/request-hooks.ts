import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { newId, type Clock } from '@cairn/kernel';
import type { TokenTable } from '../config/tokens-file.js';
import type { RequestHistogram } from '../observability/metrics.js';
import { continueTrace, requestScope } from '../observability/request-context.js';
import { authenticate } from './authentication.js';
import { identify, type Identity } from './identity.js';

export interface RequestHookOptions {
  readonly tokens: TokenTable | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly histogram: RequestHistogram;
  readonly isDraining: () => boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers that went well leave no line in the log. */
    readonly countedOnly?: boolean;
  }
}

/** Probes and scrapers have no token. They learn states and counts, and nothing about what is in the log. */
const OPEN_PATHS = new Set(['/health/live', '/health/ready', '/metrics', '/openapi.json']);
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Trace, identity, metrics and one log line for every request, whatever handles it; but for what a route wants counted alone. */
export function addRequestHooks(fastify: FastifyInstance, { tokens, clock, logger, histogram, isDraining }: RequestHookOptions): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const trace = continueTrace(header(request, 'traceparent'));
    const asked = header(request, 'x-correlation-id')?.toLowerCase();
    const scope = { ...trace, correlationId: asked !== undefined && UUID.test(asked) ? asked : newId() };
    void reply.header('x-correlation-id', scope.correlationId);
    requestScope.run(scope, () => {
      try {
        const principal = isOpen(request) ? '' : authenticate(header(request, 'authorization'), tokens);
        const identity: Identity = { principal, correlationId: scope.correlationId, traceparent: scope.traceparent, clock };
        identify(request, identity);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
  // A connection kept alive after the last answer would hold the shutdown up until it times out.
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining()) void reply.header('connection', 'close');
    done(null, payload);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    histogram.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
    // What is asked thousands of times a second is counted; a line for each would cost more than many an answer.
    const isRoutine = isOpen(request) || (request.routeOptions.config.countedOnly === true && reply.statusCode < 400);
    logger[isRoutine ? 'debug' : 'info']({ method: request.method, route, status: reply.statusCode, durationMs: Math.round(reply.elapsedTime * 10) / 10 }, 'request');
    done();
  });
}

function isOpen(request: FastifyRequest): boolean {
  return OPEN_PATHS.has(request.url.split('?')[0] ?? '');
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
