import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { EmbeddedError } from '../embedded-error.js';
import { LOOPBACK, portTaken, withPort } from '../process/ports.js';
import { ServerProcess } from '../process/server-process.js';
import { invocation } from './account.js';
import { ensureCluster, SUPERUSER } from './cluster.js';
import { type Home, openHome } from './home.js';
import { clearTheWay, readPostmasterFile } from './postmaster-file.js';

export interface PostgresOptions {
  /** Made when missing. Holds the cluster, the password (0600) and the log. */
  readonly dataDir: string;
  /** A free one is chosen when absent. */
  readonly port?: number;
  /** Server settings beside our own, e.g. `{ fsync: 'off' }` for data that nobody will miss. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Copies a prepared cluster from the user's cache instead of making one: for tests, where half a second counts. */
  readonly fromTemplate?: boolean;
  /** Stops a server that still runs on the data directory. Only for a caller who knows that its owner is gone. */
  readonly replace?: boolean;
  /** Called once when the server ends although nobody stopped it. */
  readonly onUnexpectedExit?: (error: EmbeddedError) => void;
  /** Called with sentences that a person should see. */
  readonly notice?: (line: string) => void;
}

/** A running PostgreSQL. */
export interface Postgres {
  /** Superuser's connection URL with its password, database `postgres`. Stays the same over restarts. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it in order (fast shutdown with a checkpoint). Safe to call twice. */
  stop(): Promise<void>;
  /** Ends all its processes at once, as a power cut would. What was committed is there after `restart` (with fsync on). */
  kill(): Promise<void>;
  /** Starts it again on the same port, after `stop`, `kill` or an unexpected end; stops it first when it runs. */
  restart(): Promise<void>;
}

const READY_MS = 60_000;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: LOOPBACK,
  // No socket file: its directory would have to be writable for the server's user, and TCP serves everybody.
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  // Short queries only: compiling them costs more than it saves.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * Starts PostgreSQL 18 on the loopback address, with durable commits unless the settings say otherwise.
 * Works as root (then another user owns the data) and as anybody else.
 * Throws EmbeddedError: PORT_TAKEN, DATA_DIR_IN_USE, PROGRAM_MISSING, NO_USER, START_FAILED.
 */
export function startPostgres(options: PostgresOptions): Promise<Postgres> {
  return startIn(openHome(options.dataDir), options);
}

export async function startIn(home: Home, options: PostgresOptions): Promise<Postgres> {
  if (home.moved) options.notice?.(home.moved);
  await clearTheWay(home.cluster, options.replace ?? false);
  const password = await ensureCluster(home, options.fromTemplate ?? false);
  return withPort(options.port, 'PostgreSQL', async (port) => {
    let server = await launchPostgres(home, port, options);
    return {
      url: `postgres://${SUPERUSER}:${password}@${LOOPBACK}:${port}/postgres`,
      port,
      get pid() {
        return server.pid ?? 0;
      },
      stop: () => server.stop(),
      kill: () => server.kill(),
      restart: async () => {
        await server.stop();
        await clearTheWay(home.cluster, false);
        server = await launchPostgres(home, port, options);
      },
    };
  });
}

async function launchPostgres(home: Home, port: number, options: PostgresOptions): Promise<ServerProcess> {
  const settings = { ...SETTINGS, port: String(port), ...options.settings };
  const args = ['-D', home.cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  let ready = false;
  const server = new ServerProcess(
    {
      title: 'PostgreSQL',
      ...invocation(home.launch, home.programs.postgres, args),
      env: { ...process.env, LC_ALL: 'C' },
      cwd: '/',
      logFile: home.logFile,
      stopSignal: 'SIGINT',
    },
    (error) => {
      if (ready) options.onUnexpectedExit?.(error);
    },
  );
  try {
    await server.whenReady(READY_MS, () => {
      const file = readPostmasterFile(home.cluster);
      return file?.pid === server.pid && file?.isReady === true;
    });
  } catch (error) {
    if (server.logTail().includes('Address already in use')) throw portTaken(port, 'PostgreSQL');
    throw error;
  }
  ready = true;
  return server;
}

/** Stops what still runs on the data directory and removes it, wherever its parts are. Only for a caller who owns it. */
export async function removePostgres(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return;
  const home = openHome(dataDir);
  await clearTheWay(home.cluster, true);
  if (home.moved) rmSync(dirname(home.cluster), { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
}
