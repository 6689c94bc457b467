import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from '@cairn/service';
import { problemOf, type Logger } from '@cairn/service';
import type { FastifyInstance } from 'fastify';
import type { Fleet } from '../fleet/fleet.js';
import type { InferenceService } from '../inference/inference-service.js';
import type { InferenceStatistics } from '../inference/inference-statistics.js';
import { readBody } from './body.js';
import { BodyMemory } from './body-memory.js';
import { LARGE_BODIES_AT_ONCE, type V2Limits } from './limits.js';
import { addWithRefusals } from './method-not-allowed.js';
import { serverMetadata } from './model-facts.js';
import { addModelRoutes } from './model-routes.js';
import { addRepositoryRoutes } from './repository-routes.js';
import { addSettingsRoutes } from './settings-routes.js';
import { addSharedMemoryRoutes } from './shared-memory-routes.js';
import { V2Error } from './v2-error.js';

export interface V2Parts {
  readonly fleet: Pick<Fleet, 'isReady' | 'all'>;
  readonly inference: InferenceService;
  readonly statistics: InferenceStatistics;
  readonly logger: Logger;
  readonly limits: V2Limits;
}

export interface V2Scope extends V2Parts {
  readonly memory: BodyMemory;
}

/**
 * Open Inference Protocol V2 in Triton's shapes. Routes of Fastify itself, in a scope of their own: clients of the protocol send no Content-Type or any, read errors as
 * `{"error"}` alone, and the path is the one that has to be fast.
 */
export function addV2Routes(fastify: FastifyInstance, parts: V2Parts): void {
  void fastify.register(
    async (scope) => {
      const { limits } = parts;
      const memory = new BodyMemory(LARGE_BODIES_AT_ONCE * limits.maxBodyBytes);
      const all: V2Scope = { ...parts, memory };
      scope.removeAllContentTypeParsers();
      scope.addHook('preParsing', (request, reply, payload, done) => {
        if (request.method === 'POST') memory.watch(request.raw, reply.raw);
        done(null, payload);
      });
      scope.addContentTypeParser('*', ({ headers, raw }: FastifyRequest, payload: IncomingMessage) =>
        readBody(payload, Number(headers['content-length'] ?? 0), limits, (bytes) => memory.hold(raw, bytes)),
      );
      scope.setErrorHandler((error, request, reply) => sendError(error, request, reply, parts.logger));
      scope.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'Not Found' }));
      addWithRefusals(scope, () => {
        addServerRoutes(scope, parts);
        for (const path of ['/models/:model', '/models/:model/versions/:version']) addModelRoutes(scope, path, all);
        addRepositoryRoutes(scope, all);
        addSettingsRoutes(scope, all);
        addSharedMemoryRoutes(scope);
      });
    },
    { prefix: '/v2' },
  );
}

/** KServe's client reads the bodies of the health routes, Triton's the statuses alone. */
function addServerRoutes(scope: FastifyInstance, { fleet }: V2Parts): void {
  scope.get('/', async () => serverMetadata);
  scope.get('/health/live', async () => ({ live: true }));
  scope.get('/health/ready', async (_request, reply) => reply.code(fleet.isReady ? 200 : 503).send({ ready: fleet.isReady }));
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const { status, message, headers } = toAnswer(error);
  if (status >= 500) logger.warn({ err: error, url: request.url }, 'an inference request failed');
  if (status === 503) void reply.header('retry-after', 1);
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  // As bytes, since Fastify adds a charset to texts, and KServe's client reads the error of exactly `application/json` alone.
  return reply.code(status).headers(headers).type('application/json').send(Buffer.from(JSON.stringify({ error: message })));
}

function toAnswer(error: unknown): Pick<V2Error, 'status' | 'message' | 'headers'> {
  if (error instanceof V2Error) return error;
  // Fastify's own refusals, e.g. of a Content-Type that is none.
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500) {
    return { status: error.statusCode, message: error.message, headers: {} };
  }
  const { status, detail } = problemOf(error);
  return { status, message: detail, headers: {} };
}
