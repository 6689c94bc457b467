import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from '@cairn/service';
import { metaOf, problemOf, type Logger } from '@cairn/service';
import type { FastifyInstance } from 'fastify';
import type { Fleet } from '../fleet/fleet.js';
import type { InferenceService } from '../inference/inference-service.js';
import { compressed, decompressed, readBody } from './body.js';
import { decodeRequest } from './decode-request.js';
import { encodeResponse } from './encode-response.js';
import type { V2Limits } from './limits.js';
import { isModelReady, modelMetadata, serverMetadata, shownVersion } from './model-facts.js';
import { decodeRawRequest } from './raw-request.js';
import { V2Error } from './v2-error.js';

export interface V2Parts {
  readonly fleet: Pick<Fleet, 'isReady'>;
  readonly inference: InferenceService;
  readonly logger: Logger;
  readonly limits: V2Limits;
}

interface ModelParams {
  readonly model: string;
  readonly version?: string;
}

const HEADER_LENGTH = 'inference-header-content-length';

/**
 * Open Inference Protocol V2 in Triton's shapes. Routes of Fastify itself, in a scope of their own: clients of the protocol send no Content-Type or any, read errors as
 * `{"error"}` alone, and the path is the one that has to be fast.
 */
export function addV2Routes(fastify: FastifyInstance, parts: V2Parts): void {
  void fastify.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) => readBody(payload, Number(request.headers['content-length'] ?? 0), parts.limits));
      scope.setErrorHandler((error, request, reply) => sendError(error, request, reply, parts.logger));
      scope.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'Not Found' }));
      addHealthRoutes(scope, parts);
      for (const path of ['/models/:model', '/models/:model/versions/:version']) addModelRoutes(scope, path, parts);
    },
    { prefix: '/v2' },
  );
}

function addHealthRoutes(scope: FastifyInstance, { fleet }: V2Parts): void {
  scope.get('/', async () => serverMetadata);
  scope.get('/health/live', async () => ({ live: true }));
  scope.get('/health/ready', async (_request, reply) => reply.code(fleet.isReady ? 200 : 503).send({ ready: fleet.isReady }));
}

function addModelRoutes(scope: FastifyInstance, path: string, { inference, limits }: V2Parts): void {
  const deployed = (request: FastifyRequest) => inference.deployed(metaOf(request).workspace, (request.params as ModelParams).model);

  const shown = (request: FastifyRequest) => {
    const { version } = request.params as ModelParams;
    return version === undefined ? shownVersion(deployed(request)) : inference.version(deployed(request), version);
  };

  scope.get(path, async (request) => modelMetadata(deployed(request), shown(request)));

  scope.get(`${path}/ready`, async (request, reply) => {
    const { model, version } = request.params as ModelParams;
    const runtime = deployed(request);
    const ready = isModelReady(runtime, version === undefined ? runtime.live : inference.version(runtime, version));
    return reply.code(ready ? 200 : 503).send({ name: model, ready });
  });

  scope.post(`${path}/infer`, { config: { countedOnly: true } }, async (request, reply) => {
    const { model, version } = request.params as ModelParams;
    const sent = await decompressed(bodyOf(request), header(request, 'content-encoding'), limits);
    const headerLength = header(request, HEADER_LENGTH);
    const isRaw = headerLength !== undefined && /^0+$/.test(headerLength);
    const decoded = isRaw
      ? decodeRawRequest(sent, model, shown(request)?.signature.inputs ?? [])
      : decodeRequest(sent, headerLength, limits.maxJsonBytes);
    const answer = await inference.infer(metaOf(request).workspace, model, version, decoded);
    const encoded = encodeResponse(decoded, answer);
    if (encoded.headerLength !== undefined) void reply.header(HEADER_LENGTH, encoded.headerLength);
    const { body, coding } = await compressed(encoded.body, header(request, 'accept-encoding'));
    if (coding !== undefined) void reply.header('content-encoding', coding).header('vary', 'accept-encoding');
    return reply.type(encoded.contentType).send(body);
  });
}

function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const { status, message, headers } = toAnswer(error);
  if (status >= 500) logger.warn({ err: error, url: request.url }, 'an inference request failed');
  if (status === 503) void reply.header('retry-after', 1);
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply.code(status).headers(headers).type('application/json').send(JSON.stringify({ error: message }));
}

function toAnswer(error: unknown): Pick<V2Error, 'status' | 'message' | 'headers'> {
  if (error instanceof V2Error) return error;
  // Fastify's own refusals, e.g. of a body that is too large.
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500) {
    return { status: error.statusCode, message: error.message, headers: {} };
  }
  const { status, detail } = problemOf(error);
  return { status, message: detail, headers: {} };
}
