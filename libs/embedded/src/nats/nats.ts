import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';

import { EmbeddedError } from '../embedded-error.js';
import { until } from '../process/deadline.js';
import { LOOPBACK, portTaken, withPort } from '../process/ports.js';
import { commandLine, isAlive, signal } from '../process/process-tree.js';
import { ServerProcess } from '../process/server-process.js';
import { findNatsServer } from './program.js';

export interface NatsOptions {
  /** Made when missing. Holds JetStream's files, the configuration and the log. */
  readonly dataDir: string;
  /** A free one is chosen when absent. */
  readonly port?: number;
  /** Stops a server that still runs on the data directory. Only for a caller who knows that its owner is gone. */
  readonly replace?: boolean;
  /** Called once when the server ends although nobody stopped it. */
  readonly onUnexpectedExit?: (error: EmbeddedError) => void;
  /** Called with sentences that a person should see. Standard error when absent. */
  readonly notice?: (line: string) => void;
}

/** A running nats-server with JetStream. It asks for no password, and listens on the loopback address only. */
export interface Nats {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it in order. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends it at once, as a power cut would. JetStream acknowledges before it syncs: the last messages may be gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port with what JetStream has on disk; stops it first when it runs. */
  restart(): Promise<void>;
}

const READY_MS = 30_000;
const END_MS = 20_000;

/** Throws EmbeddedError: PORT_TAKEN, DATA_DIR_IN_USE, PROGRAM_MISSING, START_FAILED. */
export async function startNats(options: NatsOptions): Promise<Nats> {
  const file = findNatsServer(options.notice ?? ((line) => process.stderr.write(`${line}\n`)));
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const dataDir = realpathSync(options.dataDir);
  await clearTheWay(dataDir, options.replace ?? false);
  return withPort(options.port, 'nats-server', async (port) => {
    let server = await launchNats(file, dataDir, port, options);
    return {
      url: `nats://${LOOPBACK}:${port}`,
      port,
      get pid() {
        return server.pid ?? 0;
      },
      stop: () => server.stop(),
      kill: () => server.kill(),
      restart: async () => {
        await server.stop();
        server = await launchNats(file, dataDir, port, options);
      },
    };
  });
}

async function launchNats(file: string, dataDir: string, port: number, options: NatsOptions): Promise<ServerProcess> {
  const config = join(dataDir, 'nats.conf');
  writeFileSync(
    config,
    `listen: ${LOOPBACK}:${port}\nserver_name: cairn-${port}\npid_file: ${JSON.stringify(join(dataDir, 'nats.pid'))}\n` +
      `jetstream { store_dir: ${JSON.stringify(join(dataDir, 'jetstream'))} }\nlame_duck_grace_period: "0s"\n`,
    { mode: 0o600 },
  );
  let ready = false;
  const server = new ServerProcess(
    { title: 'nats-server', file, args: ['-c', config], cwd: dataDir, logFile: join(dataDir, 'nats.log'), stopSignal: 'SIGTERM' },
    (error) => {
      if (ready) options.onUnexpectedExit?.(error);
    },
  );
  try {
    await server.whenReady(READY_MS, async () => pidOf(dataDir) === server.pid && (await greets(port)));
  } catch (error) {
    if (server.logTail().includes('address already in use')) throw portTaken(port, 'nats-server');
    throw error;
  }
  ready = true;
  return server;
}

/** JetStream does not lock its files: two servers on one directory would spoil them. */
async function clearTheWay(dataDir: string, replace: boolean): Promise<void> {
  const pid = pidOf(dataDir);
  const lives = () => pid !== undefined && isAlive(pid) && commandLine(pid).includes(dataDir);
  if (pid !== undefined && lives()) {
    if (!replace) {
      throw new EmbeddedError('DATA_DIR_IN_USE', `A nats-server (process ${pid}) already runs on ${dataDir}. Stop it, or use another data directory.`);
    }
    signal(pid, 'SIGTERM');
    if (!(await until(END_MS, () => (lives() ? undefined : true)))) signal(pid, 'SIGKILL');
  }
  rmSync(join(dataDir, 'nats.pid'), { force: true });
}

function pidOf(dataDir: string): number | undefined {
  try {
    return Number(readFileSync(join(dataDir, 'nats.pid'), 'utf8').trim()) || undefined;
  } catch {
    return undefined;
  }
}

/** A NATS server speaks first: a line `INFO {…}` that tells whether JetStream is on. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: LOOPBACK });
    const done = (greeted: boolean) => {
      socket.destroy();
      resolve(greeted);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('data', (chunk) => done(chunk.toString().startsWith('INFO ') && chunk.includes('"jetstream":true')));
  });
}

/** Stops what still runs on the data directory and removes it. Only for a caller who owns it. */
export async function removeNats(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return;
  await clearTheWay(realpathSync(dataDir), true);
  rmSync(dataDir, { recursive: true, force: true });
}
