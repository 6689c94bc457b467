import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ConfigError, EnvReader } from './config/env-reader.js';
import { exposureProblem, type ServiceConfig } from './config/service-config.js';
import { refuseDeepBodies } from './http/body-depth.js';
import { EdgeFilter } from './http/edge.filter.js';
import { MAX_PARAM_LENGTH } from './http/path-limits.js';
import { addRequestHooks } from './http/request-hooks.js';
import { trackSilentConnections } from './http/silent-connections.js';
import { validationPipe } from './http/validation.js';
import { takeWorkspaceFromPath } from './http/workspace.js';
import { NestLogger } from './observability/nest-logger.js';
import { RequestTimes } from './observability/metrics.js';
import { serveOpenApi } from './openapi/openapi.js';
import type { ServiceSpec } from './service-spec.js';
import { Closing } from './wiring/closing.js';
import { openMessaging } from './wiring/open-messaging.js';
import { openFiles, openObservability, openStateful } from './wiring/open-parts.js';
import type { Parts, SharedParts } from './wiring/parts.js';
import { Readiness } from './wiring/readiness.js';
import { requirePolicies } from './wiring/require-policies.js';
import { rootModule } from './wiring/root-module.js';

export interface RunningService {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** For tests and tools that need what the service works with. */
  readonly parts: Parts;
  readonly app: NestFastifyApplication;
  /** Lets requests and handlers in flight end, then closes what this service opened. */
  close(): Promise<void>;
}

const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * Starts a service; resolves when it listens and its read model follows the log. Starts without NATS. Throws ConfigError, or the first failure with
 * everything opened by then closed again.
 */
export async function startService(spec: ServiceSpec, config: ServiceConfig, shared: SharedParts = {}): Promise<RunningService> {
  const env = new EnvReader(config.settings);
  const exposed = exposureProblem(config);
  if (exposed !== undefined) throw new ConfigError([exposed]);
  const settings = spec.settings?.(env) ?? {};
  env.done();

  const closing = new Closing();
  const opened = openObservability(spec, config, shared);
  const onCloseFailure = (error: unknown): void => opened.logger.warn({ err: error }, 'a part did not close');
  try {
    const files = await openFiles(spec, config, shared, closing);
    const stateful = await openStateful(spec, config, { ...opened, objectStore: files.objectStore }, shared, closing);
    const messaging = openMessaging(spec, config, opened, { shared, stateful, closing });
    const readiness = new Readiness(stateful?.store, stateful?.runner, messaging.state);
    const parts: Parts = { ...opened, ...files, config, settings, readiness, link: messaging.link, stateful };

    const app = await createApp(spec, parts);
    const closeSilent = trackSilentConnections(app.getHttpServer());
    closing.add(() => {
      const closed = app.close();
      closeSilent();
      return closed;
    });
    if (messaging.strategy !== undefined) app.connectMicroservice({ strategy: messaging.strategy }, { inheritAppConfig: false });
    await app.init();
    requirePolicies(app, spec.policies ?? []);
    await stateful?.runner.start();
    await app.startAllMicroservices();
    messaging.start();
    await app.listen({ host: config.host, port: config.port });
    closing.add(async () => readiness.drain());

    const url = (await app.getUrl()).replace('[::1]', 'localhost');
    opened.logger.info({ url }, 'listening');
    return { url, port: Number(new URL(url).port), parts, app, close: () => closing.run(onCloseFailure) };
  } catch (error) {
    await closing.run(onCloseFailure);
    throw error;
  }
}

async function createApp(spec: ServiceSpec, parts: Parts): Promise<NestFastifyApplication> {
  const edge = new EdgeFilter(parts.logger, spec.protocols ?? []);
  const adapter = new FastifyAdapter({
    bodyLimit: spec.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    rewriteUrl: takeWorkspaceFromPath,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => edge.refuse(error, request, reply),
  });
  const app = await NestFactory.create<NestFastifyApplication>(rootModule(spec, parts), adapter, {
    logger: new NestLogger(parts.logger),
    abortOnError: false,
  });
  addRequestHooks(adapter.getInstance(), {
    tokens: parts.config.auth?.tokens,
    clock: parts.clock,
    logger: parts.logger,
    times: new RequestTimes(parts.registry),
    isDraining: () => parts.readiness.isDraining,
    scoped: true,
  });
  refuseDeepBodies(adapter.getInstance());
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(edge);
  await spec.configure?.(app);
  serveOpenApi(app, spec);
  return app;
}
