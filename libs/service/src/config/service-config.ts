import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { placements, type ServiceName } from '../service-spec.js';
import type { Environment, EnvReader } from './env-reader.js';
import { parseTokens, type TokenTable } from './tokens-file.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Of a process that answers requests, with a database or without. */
export interface EdgeConfig {
  /** Loopback unless `auth` is set. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Absent: nothing is distributed and no policy runs; commands work all the same. */
  readonly natsUrl?: string;
  readonly objectStoreUrl: string;
  /** Where a service asks another one a question. */
  readonly gatewayUrl: string;
  /** For scratch files and caches. */
  readonly dataDir: string;
  /** Absent: everybody is `local`. */
  readonly auth?: { readonly tokens: TokenTable };
  /** What this service presents to others when `auth` is on. */
  readonly serviceToken?: string;
  readonly logLevel: LogLevel;
  /** Variables of the service itself, read by `ServiceSpec.settings`. */
  readonly settings: Environment;
}

export interface ServiceConfig extends EdgeConfig {
  readonly databaseUrl: string;
}

const CONNECTION_URLS = ['postgres:', 'postgresql:'];

/** The one reader of the environment that all services share. Problems are left in `env` for the caller's `done()`. */
export function readServiceConfig(name: ServiceName, env: EnvReader, environment: Environment): ServiceConfig {
  const databaseUrl = name === 'gateway' ? (env.optional('CAIRN_DATABASE_URL') ?? '') : env.url('CAIRN_DATABASE_URL', CONNECTION_URLS);
  return { ...readEdgeConfig(env, environment, placements[name].defaultPort), databaseUrl };
}

export function readEdgeConfig(env: EnvReader, environment: Environment, defaultPort: number): EdgeConfig {
  const dataDir = resolve(env.string('CAIRN_DATA_DIR', '.cairn'));
  const objectStoreName = env.optional('CAIRN_OBJECT_STORE_URL') === undefined && env.optional('CAIRN_S3_URL') !== undefined ? 'CAIRN_S3_URL' : 'CAIRN_OBJECT_STORE_URL';
  const natsUrl = env.optional('CAIRN_NATS_URL');
  const serviceToken = env.optional('CAIRN_SERVICE_TOKEN');
  const tokens = readTokens(env);
  const config: EdgeConfig = {
    host: env.string('CAIRN_HOST', '127.0.0.1'),
    port: env.integer('CAIRN_PORT', { fallback: defaultPort, min: 0, max: 65_535 }),
    ...(natsUrl !== undefined && { natsUrl: env.url('CAIRN_NATS_URL', ['nats:', 'tls:']) }),
    objectStoreUrl: env.url(objectStoreName, ['file:', 's3:'], pathToFileURL(join(dataDir, 'objects')).href),
    gatewayUrl: env.url('CAIRN_GATEWAY_URL', ['http:', 'https:'], `http://127.0.0.1:${placements.gateway.defaultPort}`),
    dataDir,
    ...(tokens !== undefined && { auth: { tokens } }),
    ...(serviceToken !== undefined && { serviceToken }),
    logLevel: env.oneOf('CAIRN_LOG_LEVEL', LOG_LEVELS, 'info'),
    settings: environment,
  };
  const exposed = exposureProblem(config);
  if (exposed !== undefined) env.problem(exposed);
  return config;
}

/** Without tokens anybody who reaches the port acts as `local`, so only this machine may reach it. */
export function exposureProblem({ host, auth }: Pick<EdgeConfig, 'host' | 'auth'>): string | undefined {
  const loopback = host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
  if (auth !== undefined || loopback) return undefined;
  return `CAIRN_HOST is ${host}, which others can reach: name a CAIRN_TOKENS_FILE, or bind 127.0.0.1.`;
}

function readTokens(env: EnvReader): TokenTable | undefined {
  const path = env.optional('CAIRN_TOKENS_FILE');
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    env.problem(`CAIRN_TOKENS_FILE can't be read: ${path}.`);
    return undefined;
  }
  const { tokens, problems } = parseTokens(text);
  for (const problem of problems) env.problem(`CAIRN_TOKENS_FILE: ${problem}.`);
  return tokens;
}
