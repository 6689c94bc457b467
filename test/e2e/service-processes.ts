import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '@cairn/embedded';
import { waitUntil } from '@cairn/testing';
import { root } from './launched.js';

export interface Infrastructure {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly dataDir: string;
  /** Settings of single services. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ServiceProcess {
  readonly name: string;
  readonly url: string;
  /** Resolves when it says that it is ready. */
  start(): Promise<void>;
  /** Without a warning. */
  kill(): Promise<void>;
  /** Answers the exit code of an orderly end. */
  stop(): Promise<number | null>;
}

const START_MS = 120_000;
const QUIET = 'warn';

/** Every folder of `services/`, each to run as a process of its own against the same database and NATS, as in production. */
export async function serviceProcesses(infrastructure: Infrastructure): Promise<ReadonlyMap<string, ServiceProcess>> {
  const names = readdirSync(join(root, 'services'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await freePort());
  const url = (name: string): string => `http://127.0.0.1:${ports.get(name) ?? 0}`;
  const shared = {
    ...process.env,
    CAIRN_DATABASE_URL: infrastructure.databaseUrl,
    CAIRN_NATS_URL: infrastructure.natsUrl,
    CAIRN_DATA_DIR: infrastructure.dataDir,
    CAIRN_GATEWAY_URL: url('gateway'),
    CAIRN_LOG_LEVEL: QUIET,
    CAIRN_SERVING_GRPC_PORT: '0',
    ...Object.fromEntries(names.map((name) => [`CAIRN_${name.toUpperCase().replaceAll('-', '_')}_URL`, url(name)])),
    ...infrastructure.env,
  };
  return new Map(names.map((name) => [name, serviceProcess(name, url(name), { ...shared, CAIRN_PORT: String(ports.get(name)) })]));
}

/** A replica of serving beside the services: it has neither the database nor the folder of any of them. */
export async function replicaProcess({ natsUrl, dataDir, env: settings = {} }: Infrastructure, gatewayUrl: string, name: string): Promise<ServiceProcess> {
  const port = await freePort();
  const env = {
    ...process.env, CAIRN_PORT: String(port), CAIRN_SERVING_GRPC_PORT: '0', CAIRN_NATS_URL: natsUrl, CAIRN_OBJECT_STORE_URL: pathToFileURL(join(dataDir, 'objects')).href,
    CAIRN_DATA_DIR: join(dataDir, name), CAIRN_GATEWAY_URL: gatewayUrl, CAIRN_REPLICA_NAME: name, CAIRN_LOG_LEVEL: QUIET,
    ...settings,
  };
  return serviceProcess(name, `http://127.0.0.1:${port}`, env, join('serving', 'dist', 'replicas', 'process', 'main.js'));
}

function serviceProcess(name: string, url: string, env: NodeJS.ProcessEnv, file = join(name, 'dist', 'main.js')): ServiceProcess {
  const main = join(root, 'services', file);
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => ending.once('exit', (code) => resolve(code)));
    ending.kill(signal);
    return ended;
  };
  return {
    name,
    url,
    start: async () => {
      if (!existsSync(main)) throw new Error(`${main} is missing: build first (npm run build).`);
      const started = spawn(process.execPath, [main], { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      let said = '';
      for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString('utf8')}`.slice(-4_000)));
      await waitUntil(
        `the ${name} service is ready`,
        async () => {
          if (started.exitCode !== null) throw new Error(`It ended with ${started.exitCode}:\n${said}`);
          return (await fetch(`${url}/health/ready`)).ok;
        },
        START_MS,
      );
    },
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}
