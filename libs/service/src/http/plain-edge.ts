import type { Clock } from '@cairn/kernel';
import { NotFoundException } from '@nestjs/common';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { EdgeConfig } from '../config/service-config.js';
import { processRegistry, RequestTimes } from '../observability/metrics.js';
import { sendProblem } from './problem.filter.js';
import { MAX_PARAM_LENGTH } from './path-limits.js';
import { addRequestHooks } from './request-hooks.js';
import { trackSilentConnections } from './silent-connections.js';
import { takeWorkspaceFromPath } from './workspace.js';

export interface PlainEdgeOptions {
  readonly config: Pick<EdgeConfig, 'host' | 'port' | 'auth'>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly registry: Registry;
  /** Whether requests would succeed. */
  readonly isReady: () => boolean;
}

export interface PlainEdge {
  /** For routes and parsers; before it listens. */
  readonly fastify: FastifyInstance;
  /** Resolves with the port that it took. */
  listen(): Promise<number>;
  /** Not ready any more, and answers what is in flight. */
  close(): Promise<void>;
}

/** The HTTP edge of a process that is no Nest application: identity, workspace, metrics, health and refusals as services have them. */
export function openPlainEdge({ config, logger, clock, registry, isReady }: PlainEdgeOptions): PlainEdge {
  let draining = false;
  const fastify = Fastify({
    rewriteUrl: takeWorkspaceFromPath,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply, logger),
  });
  addRequestHooks(fastify, { tokens: config.auth?.tokens, clock, logger, times: new RequestTimes(registry), isDraining: () => draining, scoped: false });
  fastify.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));
  fastify.setNotFoundHandler((request, reply) => sendProblem(new NotFoundException(`Cannot ${request.method} ${request.url}`), request, reply, logger));
  fastify.get('/health/live', async () => ({ status: 'ok' }));
  fastify.get('/health/ready', async (_request, reply) => {
    const ready = !draining && isReady();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable' });
  });
  fastify.get('/metrics', async (_request, reply) => reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await Registry.merge([processRegistry(), registry]).metrics()));
  const closeSilent = trackSilentConnections(fastify.server);
  return {
    fastify,
    listen: async () => {
      await fastify.listen({ host: config.host, port: config.port });
      const address = fastify.server.address();
      return typeof address === 'object' && address !== null ? address.port : config.port;
    },
    close: async () => {
      draining = true;
      const closed = fastify.close();
      closeSilent();
      await closed;
    },
  };
}
