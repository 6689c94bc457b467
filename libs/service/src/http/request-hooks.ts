import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { newId, type Clock } from '@cairn/kernel';
import type { TokenTable } from '../config/tokens-file.js';
import type { RequestTimes } from '../observability/metrics.js';
import { continueTrace, requestScope } from '../observability/request-context.js';
import { authenticate } from './authentication.js';
import { identify, type Identity } from './identity.js';

export interface RequestHookOptions {
  readonly tokens: TokenTable | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly times: RequestTimes;
  readonly isDraining: () => boolean;
  /** Whether log lines name the request they belong to. In a process where nothing is asked but thousands of times a second, following requests costs too much. */
  readonly scoped: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asked thousands of times a second: answers that went well leave no line in the log, and there is a trace and a correlation id only where the caller sent one. */
    readonly countedOnly?: boolean;
  }
}

/** Probes and scrapers have no token. They learn states and counts, and nothing about what is in the log. */
const OPEN_PATHS = new Set(['/health/live', '/health/ready', '/metrics', '/openapi.json']);
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Trace, identity, metrics and one log line for every request, whatever handles it; but for what a route wants counted alone. */
export function addRequestHooks(fastify: FastifyInstance, { tokens, clock, logger, times, isDraining, scoped }: RequestHookOptions): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const admit = (scope: Pick<Identity, 'correlationId' | 'traceparent'>): void => {
      try {
        const principal = isOpen(request) ? '' : authenticate(header(request, 'authorization'), tokens);
        const { correlationId, traceparent } = scope;
        identify(request, { principal, correlationId, traceparent, clock });
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const asked = header(request, 'x-correlation-id')?.toLowerCase();
    if (request.routeOptions.config.countedOnly === true && asked === undefined) {
      admit({ correlationId: '', traceparent: header(request, 'traceparent') ?? '' });
      return;
    }
    const trace = continueTrace(header(request, 'traceparent'));
    const scope = { ...trace, correlationId: asked !== undefined && UUID.test(asked) ? asked : newId() };
    void reply.header('x-correlation-id', scope.correlationId);
    if (scoped) requestScope.run(scope, () => admit(scope));
    else admit(scope);
  });
  // A connection kept alive after the last answer would hold the shutdown up until it times out.
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining()) void reply.header('connection', 'close');
    done(null, payload);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    times.observe(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
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
