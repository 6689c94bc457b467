import type { EventStore } from '@cairn/event-store';
import type { RunningService, ServiceConfig, ServiceSpec, SharedParts } from '@cairn/service';

import { createDatabase, type TestDatabase } from './database.js';
import { startTestNats } from './nats.js';
import { tempDir } from './temp-dir.js';

export interface TestServiceOptions {
  /** The log and the read model live here; a database of its own when absent. Whoever passes one drops it. */
  readonly database?: TestDatabase;
  /** `true` starts a nats-server for it; a URL uses one that runs. Without, nothing is distributed and no policy runs. */
  readonly nats?: true | string;
  /** Variables of the service itself, as `ServiceSpec.settings` reads them. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly config?: Partial<ServiceConfig>;
  /** Parts to use instead of opening them, e.g. a store or a clock. */
  readonly shared?: SharedParts;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- What a route answers is what its spec is about to find out.
  readonly body: any;
}

export interface TestService {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  readonly running: RunningService;
  /** The service's own event store. Throws in a service that has none. */
  readonly store: EventStore;
  /** Sends a request; a body goes as JSON. The answer's body is parsed when it says that it is JSON (also problem+json), else it is text. */
  fetchJson(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<JsonAnswer>;
  /** Stops the service and removes what was made for it. */
  close(): Promise<void>;
}

/** Starts a service as its process would run it, on a free port of the loopback address. */
export async function startTestService(spec: ServiceSpec, options: TestServiceOptions = {}): Promise<TestService> {
  // Loaded when asked for: it brings the whole framework, which a spec of a decider does not need.
  const { startService } = await import('@cairn/service');
  const ownDatabase = options.database === undefined && spec.schema !== undefined ? await createDatabase() : undefined;
  const ownNats = options.nats === true ? await startTestNats() : undefined;
  const cleanUp = async () => {
    await ownNats?.stop();
    await ownDatabase?.drop();
  };
  const natsUrl = ownNats?.url ?? (typeof options.nats === 'string' ? options.nats : undefined);
  const dataDir = tempDir(spec.name);
  const config: ServiceConfig = {
    host: '127.0.0.1',
    port: 0,
    databaseUrl: (options.database ?? ownDatabase)?.url ?? '',
    ...(natsUrl === undefined ? {} : { natsUrl }),
    objectStoreUrl: `file://${dataDir}/objects`,
    // Nobody answers there: a spec that needs other services names them.
    gatewayUrl: 'http://127.0.0.1:1',
    dataDir,
    logLevel: 'silent',
    settings: options.settings ?? {},
    ...options.config,
  };
  try {
    const running = await startService(spec, config, options.shared);
    return {
      url: running.url,
      running,
      get store() {
        if (!running.parts.stateful) throw new Error(`The service ${spec.name} has no event store: its spec names no schema.`);
        return running.parts.stateful.store;
      },
      fetchJson: (method, path, body, headers) => fetchJson(`${running.url}${path}`, method, body, headers),
      close: async () => {
        await running.close();
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

async function fetchJson(url: string, method: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<JsonAnswer> {
  const hasBody = body !== undefined;
  const response = await fetch(url, {
    method,
    headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(hasBody ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
