import type { FastifyReply, FastifyRequest } from '@cairn/service';
import type { FastifyInstance } from 'fastify';
import type { DeploymentRuntime } from '../fleet/deployment-runtime.js';
import type { ServedVersion } from '../fleet/served-version.js';
import { compressed } from './body.js';
import { decodeRequest } from './decode-request.js';
import { encodeResponse, type EncodedResponse } from './encode-response.js';
import { isModelReady, modelConfig, modelMetadata, shownVersion } from './model-facts.js';
import { statisticsOf } from './model-statistics.js';
import { decodeRawRequest } from './raw-request.js';
import { bodyOf, header, workspaceOf } from './v2-request.js';
import type { V2Scope } from './v2-routes.js';

interface ModelParams {
  readonly model: string;
  /** A number, or an alias of the registered model. */
  readonly version?: string;
}

const HEADER_LENGTH = 'inference-header-content-length';

/** What is asked of one model, or of one version of it. */
export function addModelRoutes(scope: FastifyInstance, path: string, parts: V2Scope): void {
  const { inference, statistics, limits } = parts;
  const deployed = (request: FastifyRequest) => inference.deployed(workspaceOf(request), (request.params as ModelParams).model);
  const asked = (request: FastifyRequest): [DeploymentRuntime, ServedVersion | undefined] => {
    const { version } = request.params as ModelParams;
    const runtime = deployed(request);
    return [runtime, version === undefined ? undefined : inference.version(runtime, version)];
  };
  const shown = (request: FastifyRequest): [DeploymentRuntime, ServedVersion | undefined] => {
    const [runtime, version] = asked(request);
    return [runtime, version ?? shownVersion(runtime)];
  };

  scope.get(path, async (request) => modelMetadata(...shown(request)));
  scope.get(`${path}/config`, async (request) => modelConfig(...shown(request)));
  scope.get(`${path}/stats`, async (request) => ({ model_stats: statisticsOf(...asked(request), statistics) }));

  scope.get(`${path}/ready`, async (request, reply) => {
    const [runtime, version] = asked(request);
    const ready = isModelReady(runtime, version ?? runtime.answering);
    return reply.code(ready ? 200 : 503).send({ name: runtime.deployment.name, ready });
  });

  scope.post(`${path}/infer`, { config: { countedOnly: true } }, async (request, reply) => {
    const { model, version } = request.params as ModelParams;
    const body = await bodyOf(request, parts);
    const headerLength = header(request, HEADER_LENGTH);
    const isRaw = headerLength !== undefined && /^0+$/.test(headerLength);
    const decoded = isRaw ? decodeRawRequest(body, model, shown(request)[1]?.signature.inputs ?? []) : decodeRequest(body, headerLength, limits.maxJsonBytes);
    return send(request, reply, encodeResponse(decoded, await inference.infer(workspaceOf(request), model, version, decoded)));
  });
}

async function send(request: FastifyRequest, reply: FastifyReply, { contentType, headerLength, body }: EncodedResponse): Promise<FastifyReply> {
  if (headerLength !== undefined) void reply.header(HEADER_LENGTH, headerLength);
  const smaller = await compressed(body, header(request, 'accept-encoding'));
  if (smaller.coding !== undefined) void reply.header('content-encoding', smaller.coding).header('vary', 'accept-encoding');
  return reply.type(contentType).send(smaller.body);
}
