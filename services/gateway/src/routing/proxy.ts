import { STATUS_CODES } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import type { GatewaySettings } from '../config.js';
import { INFERENCE_PREFIX, OWN_PATHS, routes } from './routes.js';
import { Turns } from './turns.js';

/** Building a training set takes a while; nothing is known of the answer until it is built. */
const ANSWER_TIMEOUT_MS = 10 * 60 * 1_000;
const CONNECTIONS_PER_UPSTREAM = 128;

/** Passes requests on as they are, bodies streamed both ways. A service that can't be reached is a 503 problem, one that breaks off a 502. */
export async function proxyToServices(fastify: FastifyInstance, { upstreams, inferenceUrls }: GatewaySettings): Promise<void> {
  const services = routes.map(({ prefix, upstream }) => ({ prefix, upstream, urls: [upstreams[upstream]] }));
  for (const { prefix, upstream, urls } of [...services, { prefix: INFERENCE_PREFIX, upstream: 'serving', urls: inferenceUrls }]) {
    const turns = new Turns(urls);
    await fastify.register(httpProxy, {
      upstream: urls.length === 1 ? (urls[0] ?? '') : '',
      prefix,
      rewritePrefix: prefix,
      undici: { connections: CONNECTIONS_PER_UPSTREAM, pipelining: 1, headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS },
      // Nest's own routes are more exact than `/*` and win; this keeps them out of the proxy for other methods too.
      preHandler: (request, reply, next) => {
        if (OWN_PATHS.has(request.url.split('?')[0] ?? '')) reply.callNotFound();
        else next();
      },
      replyOptions: {
        ...(urls.length > 1 && { getUpstream: (request: object) => turns.next(request) }),
        // `Expect: 100-continue`, which curl sends with every large body, was answered when the body was let in; passed on, it would be refused.
        rewriteRequestHeaders: (request, headers) => ({
          ...Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'expect')),
          'x-correlation-id': request.headers['x-correlation-id'] ?? '',
          // Where the caller reached us: a service that hands out URLs of its own builds them on it.
          'x-forwarded-host': request.headers['x-forwarded-host'] ?? request.headers.host,
          'x-forwarded-proto': request.headers['x-forwarded-proto'] ?? 'http',
        }),
        onError: (reply, { error }) => {
          const unreachable = CONNECT_FAILURES.has(codeOf(error));
          if (unreachable) turns.unreachable(reply.request);
          const status = unreachable ? 503 : 502;
          const problem = unreachable
            ? { code: 'SERVICE_UNREACHABLE', detail: `The ${upstream} service does not answer. Try again in a moment.` }
            : { code: 'SERVICE_BROKE_OFF', detail: `The ${upstream} service broke off its answer. Try again.` };
          void reply.code(status).header('retry-after', '1').type('application/problem+json; charset=utf-8');
          void reply.send(JSON.stringify({ type: typeOf(problem.code), title: STATUS_CODES[status], status, ...problem }));
        },
      },
    });
  }
}

const CONNECT_FAILURES = new Set(['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_CONNECT_TIMEOUT', 'FST_REPLY_FROM_SERVICE_UNAVAILABLE', 'ENOTFOUND']);

function codeOf(error: Error): string {
  const own = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const cause = error.cause;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : own;
}

function typeOf(code: string): string {
  return `urn:cairn:problem:${code.toLowerCase().replaceAll('_', '-')}`;
}
