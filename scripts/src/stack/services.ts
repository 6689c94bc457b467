import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { PostgresEventStore } from '@cairn/event-store';
import { NatsLink } from '@cairn/messaging';
import { openObjectStore } from '@cairn/object-store';
import { EnvReader, readServiceConfig, type RunningService, type ServiceConfig, type ServiceName, type ServiceSpec, type SharedParts, startService } from '@cairn/service';

import type { Cleanup } from './cleanup.js';
import { openLog } from './log-file.js';
import { serviceNames } from './parts.js';
import type { Ports } from './ports.js';
import type { StackUrls } from './stack.js';
import type { Tokens } from './tokens.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ServicesOptions {
  readonly names: readonly ServiceName[];
  readonly urls: StackUrls;
  readonly ports: Ports;
  readonly dataDir: string;
  readonly logFile: string;
  readonly tokens?: Tokens;
  readonly environment: Environment;
}

/** Some services did not start; each says why, and the log has the details. */
export class ServicesNotStarted extends AggregateError {
  override readonly name = 'ServicesNotStarted';

  constructor(failures: readonly unknown[]) {
    super(failures, failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('\n'));
  }
}

const servicesFolder = join(import.meta.dirname, '..', '..', '..', 'services');

/**
 * Starts services in this process. They share the event store, so that appends of all of them go out in common batches, the object store and
 * the connection to NATS; each keeps its own read model. One of them stands for election as relay.
 */
export async function startServices(options: ServicesOptions, cleanup: Cleanup): Promise<void> {
  const { names, urls } = options;
  const [anyConfig] = names.map((name) => configOf(name, options));
  const { logger, flush } = openLog(options.logFile, anyConfig?.logLevel ?? 'info');
  cleanup.add(flush);
  const specs = await Promise.all(names.map(loadService));
  const objectStore = await openObjectStore(urls.objects);
  cleanup.add(() => objectStore.close());
  const store = await PostgresEventStore.open({ url: urls.database, archive: { objects: objectStore } });
  cleanup.add(() => store.close());
  const link = new NatsLink({ url: urls.nats, name: 'cairn', logger });
  cleanup.add(() => link.close());

  const relay = specs.find((spec) => spec.schema !== undefined);
  const shared: SharedParts = { store, objectStore, link, logger };
  const outcomes = await Promise.allSettled(specs.map((spec) => startOne(spec, configOf(spec.name, options), { ...shared, relay: spec === relay })));
  // Together: while one ends its requests, the others that it asks still answer.
  const running = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  cleanup.add(() => Promise.all(running.map((service) => service.close())));
  const failures = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
  for (const failure of failures) logger.error({ err: failure }, 'a service did not start');
  if (failures.length > 0) throw new ServicesNotStarted(failures);
}

async function startOne(spec: ServiceSpec, config: ServiceConfig, shared: SharedParts): Promise<RunningService> {
  try {
    return await startService(spec, config, shared);
  } catch (cause) {
    throw new Error(`The ${spec.name} service did not start: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export async function loadService(name: ServiceName): Promise<ServiceSpec> {
  const file = join(servicesFolder, name, 'dist', 'app.module.js');
  if (!existsSync(file)) throw new Error(`The ${name} service is not built: ${file} is missing. Run \`npm run build\`.`);
  const loaded = (await import(pathToFileURL(file).href)) as { service?: ServiceSpec };
  if (loaded.service === undefined) throw new Error(`${file} exports no \`service\`.`);
  return loaded.service;
}

/** The same variables as in a process of its own, so that both ways of running read the same configuration. */
function configOf(name: ServiceName, options: ServicesOptions): ServiceConfig {
  const environment = { ...options.environment, ...variablesOf(name, options) };
  const env = new EnvReader(environment);
  const config = readServiceConfig(name, env, environment);
  env.done();
  return config;
}

export function variablesOf(name: ServiceName, { urls, ports, dataDir, tokens }: Omit<ServicesOptions, 'logFile' | 'environment' | 'names'>): Record<string, string> {
  const token = tokens?.[name];
  return {
    CAIRN_PORT: String(ports[name]),
    ...(name === 'serving' && { CAIRN_SERVING_GRPC_PORT: String(ports['serving-grpc']) }),
    CAIRN_DATABASE_URL: urls.database,
    CAIRN_NATS_URL: urls.nats,
    CAIRN_OBJECT_STORE_URL: urls.objects,
    CAIRN_GATEWAY_URL: urls.gateway,
    CAIRN_DATA_DIR: join(dataDir, 'services'),
    ...(token === undefined ? {} : { CAIRN_SERVICE_TOKEN: token }),
    ...(name === 'gateway' && urls.replicas.length > 0 && { CAIRN_INFERENCE_URLS: [urls.serving, ...urls.replicas].join(',') }),
    ...Object.fromEntries(serviceNames.filter((other) => other !== 'gateway').map((other) => [variableOfUrl(other), urls[other]])),
  };
}

/** Where the gateway finds a service, e.g. `CAIRN_MODEL_REGISTRY_URL`. */
function variableOfUrl(service: ServiceName): string {
  return `CAIRN_${service.toUpperCase().replaceAll('-', '_')}_URL`;
}
