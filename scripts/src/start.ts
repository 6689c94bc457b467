import { resolve } from 'node:path';

import { EmbeddedError } from '@cairn/embedded';
import { ConfigError, type ServiceName } from '@cairn/service';
import { Command, InvalidArgumentError } from 'commander';

import { DataDirLocked } from './stack/data-dir-lock.js';
import { type PartName, partNames, serviceNames } from './stack/parts.js';
import { DEFAULT_BASE } from './stack/ports.js';
import { MAX_REPLICAS } from './stack/replicas.js';
import { ServicesNotStarted } from './stack/services.js';
import { type Stack, startStack } from './stack/stack.js';
import { stackTable } from './stack/table.js';
import { keepTokens } from './stack/tokens.js';

interface StartOptions {
  readonly fresh?: boolean;
  readonly dataDir: string;
  readonly portBase: number | 'any';
  readonly port: Partial<Record<PartName, number>>;
  readonly auth?: string | true;
  readonly services?: readonly ServiceName[];
  readonly mlflowUi?: string;
  readonly replicas: number;
}

/** Requests in flight get this long after Ctrl-C; then the process ends anyway, and its servers with it. */
const STOP_MS = 40_000;
const DEFAULT_PRINCIPALS = 'ana,ben';

const options = new Command('start')
  .description('Starts PostgreSQL, nats-server and all services on this machine. CAIRN_DATABASE_URL, CAIRN_NATS_URL and CAIRN_S3_URL replace a part by a real one.')
  .option('--fresh', 'begin with an empty log')
  .option('--data-dir <path>', 'where everything is kept', process.env['CAIRN_DATA_DIR'] ?? '.cairn')
  .option('--port-base <n>', 'port of the gateway, the others follow; or `any` for free ones', portBase, DEFAULT_BASE)
  .option('--port <part=n>', `port of one part, may be repeated; parts: ${partNames.join(', ')}`, partPort, {})
  .option('--auth [principals]', `ask for tokens, kept in tokens.json of the data directory; principals by default: ${DEFAULT_PRINCIPALS}`)
  .option('--services <names>', 'start only these services, separated by commas', services)
  .option('--mlflow-ui <folder>', "serve the static build of MLflow's web pages at the gateway: mlflow/server/js/build of the package mlflow")
  .option('--replicas <n>', 'processes that answer predictions beside the serving service', replicas, 0)
  .showHelpAfterError()
  .parse()
  .opts<StartOptions>();

let stopping = false;
let stack: Stack | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(signal));

try {
  stack = await start();
  if (stopping) await close(stack);
} catch (error) {
  process.stderr.write(`Cairn did not start. ${sentence(error)}\n`);
  process.exit(1);
}

async function start(): Promise<Stack> {
  const dataDir = resolve(options.dataDir);
  process.stderr.write('Starting PostgreSQL, nats-server and the services …\n');
  const kept = options.auth === undefined ? undefined : keepTokens(dataDir, principals(options.auth));
  const started = await startStack({
    dataDir,
    ports: options.portBase === 'any' ? 'any' : { base: options.portBase, each: options.port },
    ...(options.fresh === true ? { fresh: true } : {}),
    ...(options.services === undefined ? {} : { services: options.services }),
    ...(kept === undefined ? {} : { tokens: kept.tokens }),
    ...(options.mlflowUi === undefined ? {} : { env: { CAIRN_MLFLOW_UI_DIR: resolve(options.mlflowUi) } }),
    replicas: options.replicas,
    onFailure: (error) => void fail(error),
  });
  console.log(stackTable(started, { dataDir, services: options.services ?? serviceNames, ...(kept === undefined ? {} : { tokensFile: kept.file }) }));
  console.log(`Up after ${(sinceHandOverMs() / 1_000).toFixed(1)} s. Ctrl-C stops it; what it keeps stays in ${dataDir}.`);
  return started;
}

/** From where `run.mjs` handed over, or from the start of the process. */
function sinceHandOverMs(): number {
  return performance.now() - (performance.getEntriesByName('hand-over')[0]?.startTime ?? 0);
}

/** What a person can act on needs no stack; what nobody expected does. */
function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = [EmbeddedError, DataDirLocked, ConfigError, ServicesNotStarted].some((kind) => error instanceof kind);
  return isExpected ? error.message : (error.stack ?? error.message);
}

/** A second signal does not wait. While the stack still starts, it is stopped as soon as it is up. */
async function stop(signal: NodeJS.Signals): Promise<void> {
  if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
  stopping = true;
  process.stderr.write('\nStopping …\n');
  if (stack !== undefined) await close(stack);
}

async function close(running: Stack, exitCode = 0): Promise<never> {
  const timer = setTimeout(() => process.exit(1), STOP_MS);
  try {
    await running.close();
    process.stderr.write('Stopped.\n');
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  } finally {
    clearTimeout(timer);
  }
  process.exit(exitCode);
}

async function fail(error: Error): Promise<void> {
  process.stderr.write(`${error.message}\nA part is gone and does not come back; stopping.\n`);
  stopping = true;
  if (stack === undefined) process.exit(1);
  await close(stack, 1);
}

function principals(asked: string | true): string[] {
  return (asked === true ? DEFAULT_PRINCIPALS : asked).split(',').map((name) => name.trim()).filter((name) => name !== '');
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_000) throw new InvalidArgumentError('A port is a number from 1 to 65000.');
  return value;
}

function replicas(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > MAX_REPLICAS) throw new InvalidArgumentError(`Replicas are a number from 0 to ${MAX_REPLICAS}.`);
  return value;
}

function portBase(text: string): number | 'any' {
  return text === 'any' ? 'any' : port(text);
}

function partPort(text: string, before: Partial<Record<PartName, number>>): Partial<Record<PartName, number>> {
  const [name, number = ''] = text.split('=', 2);
  const part = partNames.find((candidate) => candidate === name);
  if (part === undefined) throw new InvalidArgumentError(`It is <part>=<port>, where the part is one of ${partNames.join(', ')}.`);
  return { ...before, [part]: port(number) };
}

function services(text: string): ServiceName[] {
  return text.split(',').map((name) => {
    const known = serviceNames.find((candidate) => candidate === name.trim());
    if (known === undefined) throw new InvalidArgumentError(`There is no service ${name}; services are ${serviceNames.join(', ')}.`);
    return known;
  });
}
