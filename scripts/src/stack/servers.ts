import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { type Nats, type Postgres, startNats, startPostgres } from '@cairn/embedded';

import type { Cleanup } from './cleanup.js';
import { ensureDatabase } from './database.js';
import { keepRunning } from './keep-running.js';
import type { Ports } from './ports.js';

/** Where the three parts are that services need. */
export interface ServerUrls {
  readonly database: string;
  readonly nats: string;
  readonly objects: string;
}

/** Parts that run elsewhere, from CAIRN_DATABASE_URL, CAIRN_NATS_URL and CAIRN_S3_URL or CAIRN_OBJECT_STORE_URL. */
export type External = Partial<ServerUrls>;

export interface ServerOptions {
  readonly dataDir: string;
  readonly ports: Ports;
  readonly external: External;
  readonly notice: (line: string) => void;
  /** A server is gone and does not come back. */
  readonly onFailure: (error: Error) => void;
}

const DATABASE = 'cairn';

export function externalServers(env: Readonly<Record<string, string | undefined>>): External {
  const objects = env['CAIRN_OBJECT_STORE_URL'] || env['CAIRN_S3_URL'];
  return {
    ...(env['CAIRN_DATABASE_URL'] ? { database: env['CAIRN_DATABASE_URL'] } : {}),
    ...(env['CAIRN_NATS_URL'] ? { nats: env['CAIRN_NATS_URL'] } : {}),
    ...(objects ? { objects } : {}),
  };
}

/** Starts those that do not run elsewhere. The caller owns the data directory, so servers that a crash left there are replaced. */
export async function startServers(options: ServerOptions, cleanup: Cleanup): Promise<ServerUrls> {
  const { dataDir, external } = options;
  const [database, nats] = await Promise.allSettled([external.database ?? openPostgres(options, cleanup), external.nats ?? openNats(options, cleanup)]);
  if (database.status === 'rejected') throw database.reason;
  if (nats.status === 'rejected') throw nats.reason;
  const objects = resolve(dataDir, 'objects');
  mkdirSync(objects, { recursive: true, mode: 0o700 });
  return { database: database.value, nats: nats.value, objects: external.objects ?? pathToFileURL(objects).href };
}

async function openPostgres({ dataDir, ports, notice, onFailure }: ServerOptions, cleanup: Cleanup): Promise<string> {
  let server: Postgres | undefined = undefined;
  server = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    port: ports.postgres,
    replace: true,
    notice,
    onUnexpectedExit: keepRunning(() => server, notice, onFailure),
  });
  const { stop } = server;
  cleanup.add(() => stop());
  return ensureDatabase(server.url, DATABASE);
}

async function openNats({ dataDir, ports, notice, onFailure }: ServerOptions, cleanup: Cleanup): Promise<string> {
  let server: Nats | undefined = undefined;
  server = await startNats({
    dataDir: join(dataDir, 'nats'),
    port: ports.nats,
    replace: true,
    notice,
    onUnexpectedExit: keepRunning(() => server, notice, onFailure),
  });
  const { stop } = server;
  cleanup.add(() => stop());
  return server.url;
}
