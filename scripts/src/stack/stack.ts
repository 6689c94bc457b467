import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { removeNats, removePostgres } from '@cairn/embedded';
import type { ServiceName } from '@cairn/service';

import { Cleanup } from './cleanup.js';
import { lockDataDir } from './data-dir-lock.js';
import { type PartName, serviceNames } from './parts.js';
import { replicaAddresses, startReplicas } from './replicas.js';
import { choosePorts, type PortPlan, type Ports } from './ports.js';
import { type External, externalServers, startServers, type ServerUrls } from './servers.js';
import { type Environment, startServices } from './services.js';
import { tokensFileText, type Tokens, withServices } from './tokens.js';

export interface StackOptions {
  /** Everything that the stack keeps; made when missing. One stack at a time: a lock says whose it is. */
  readonly dataDir: string;
  readonly ports?: PortPlan;
  /** Begins with an empty log. Tokens stay. */
  readonly fresh?: boolean;
  /** All when absent. */
  readonly services?: readonly ServiceName[];
  /** Processes that answer predictions, beside the serving service; 0 when absent. */
  readonly replicas?: number;
  /** Principal → token. Absent: everybody on this machine is `local`, unless the environment names a CAIRN_TOKENS_FILE. */
  readonly tokens?: Tokens;
  /** Variables for the services beside those of this process, e.g. CAIRN_SCHEDULER_PROGRAMS. CAIRN_DATABASE_URL, CAIRN_NATS_URL and CAIRN_S3_URL replace a part. */
  readonly env?: Environment;
  /** Says nothing on standard error. */
  readonly quiet?: boolean;
  /** A part is gone and does not come back: the stack is of no use any more. By default the process ends. */
  readonly onFailure?: (error: Error) => void;
}

export interface StackUrls extends Readonly<Record<ServiceName, string>>, ServerUrls {
  /** Host and port, as clients of gRPC want them. */
  readonly servingGrpc: string;
  /** Base URLs of the processes that answer predictions beside the serving service. */
  readonly replicas: readonly string[];
}

export interface Stack {
  readonly urls: StackUrls;
  /** Parts that run elsewhere and that `close` leaves alone. */
  readonly external: External;
  readonly logFile: string;
  /** Ends services first, then what they need. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts PostgreSQL, nats-server, the file object store and the services, all in this process but the two servers. Resolves when every one of
 * them answers; a part that does not start is an error, and everything started by then is stopped again.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir);
  const notice = options.quiet === true ? () => undefined : (line: string) => process.stderr.write(`${line}\n`);
  const environment = { ...process.env, ...options.env };
  const external = externalServers(environment);
  if (options.fresh === true) refuseFresh(external);
  const names = options.services ?? serviceNames;
  const cleanup = new Cleanup();
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    cleanup.add(lockDataDir(dataDir));
    if (options.fresh === true) await clear(dataDir);
    const ports = await choosePorts(options.ports ?? {}, openedParts(names, external));
    const onFailure = options.onFailure ?? endProcess;
    const servers = await startServers({ dataDir, ports, external, notice, onFailure }, cleanup);
    const logFile = join(dataDir, 'cairn.log');
    const addresses = await replicaAddresses(options.replicas ?? 0, options.ports ?? {});
    const replicas = addresses.map(({ url }) => url);
    const urls = { ...servers, ...serviceUrls(ports), servingGrpc: `127.0.0.1:${ports['serving-grpc']}`, replicas };
    const tokens = options.tokens === undefined ? undefined : withServices(options.tokens);
    const services = { ...environment, ...(tokens === undefined ? {} : { CAIRN_TOKENS_FILE: writeTokensFile(dataDir, tokens) }) };
    await startServices({ names, urls, ports, dataDir, logFile, ...(tokens === undefined ? {} : { tokens }), environment: services }, cleanup);
    await startReplicas({ addresses, urls, dataDir, environment: services, token: tokens?.['serving'] }, cleanup);
    return { urls, external, logFile, close: () => cleanup.run() };
  } catch (error) {
    await cleanup.run().catch((left: unknown) => notice(String(left)));
    throw error;
  }
}

function openedParts(services: readonly ServiceName[], external: External): PartName[] {
  const beside = services.includes('serving') ? (['serving-grpc'] as const) : [];
  return [...services, ...beside, ...(external.database === undefined ? (['postgres'] as const) : []), ...(external.nats === undefined ? (['nats'] as const) : [])];
}

function serviceUrls(ports: Ports): Readonly<Record<ServiceName, string>> {
  return Object.fromEntries(serviceNames.map((name) => [name, `http://127.0.0.1:${ports[name]}`])) as Record<ServiceName, string>;
}

function refuseFresh(external: External): void {
  const [part] = Object.keys(external);
  if (part !== undefined) throw new Error(`--fresh clears what the stack keeps itself, and the ${part} runs elsewhere. Clear it there, or unset its CAIRN_…_URL.`);
}

/** Only what the stack makes goes: somebody may have named a directory that holds more. Tokens stay, and so does the lock. */
async function clear(dataDir: string): Promise<void> {
  await removePostgres(join(dataDir, 'postgres'));
  await removeNats(join(dataDir, 'nats'));
  for (const entry of ['objects', 'services', 'cairn.log', 'cairn.log.1']) rmSync(join(dataDir, entry), { recursive: true, force: true });
}

function writeTokensFile(dataDir: string, tokens: Tokens): string {
  const file = join(dataDir, 'tokens');
  rmSync(file, { force: true });
  writeFileSync(file, tokensFileText(tokens), { mode: 0o600 });
  return file;
}

function endProcess(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
