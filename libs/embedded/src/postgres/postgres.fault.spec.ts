import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

import { tempDir, waitUntil } from '@cairn/testing';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';

import { isAlive, processTree } from '../process/process-tree.js';
import { openHome } from './home.js';
import { type Postgres, type PostgresOptions, removePostgres, startIn, startPostgres } from './postgres.js';

const FAST = { fsync: 'off' };
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function directory(): string {
  const made = tempDir('embedded');
  cleanups.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function start(options: Partial<PostgresOptions> & { dataDir: string }): Promise<Postgres> {
  const server = await startPostgres({ fromTemplate: true, settings: FAST, ...options });
  cleanups.push(() => server.stop());
  return server;
}

async function query(server: Postgres, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('starting and stopping', () => {
  it('starts from an empty directory, keeps what is written, and leaves nothing running', async () => {
    const dataDir = directory();
    const first = await start({ dataDir, fromTemplate: false });
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const processes = processTree(first.pid);
    await first.stop();
    await first.stop();
    expect(processes.length).toBeGreaterThan(1);
    expect(processes.filter(isAlive)).toEqual([]);
    const second = await start({ dataDir });
    expect(await query(second, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('commits durably unless told otherwise, on the loopback address, and asks for the password', async () => {
    const dataDir = directory();
    const server = await start({ dataDir, settings: {} });
    const [settings] = await query(
      server,
      "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS sync, current_setting('listen_addresses') AS listens",
    );
    expect(settings).toEqual({ fsync: 'on', sync: 'on', listens: '127.0.0.1' });
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(new pg.Client({ connectionString: wrong.href }).connect()).rejects.toThrow(/password authentication failed/);
    expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
  });

  it('starts several clusters from one template at once', async () => {
    const servers = await Promise.all([start({ dataDir: directory() }), start({ dataDir: directory() }), start({ dataDir: directory() })]);
    expect(new Set(servers.map((server) => server.port)).size).toBe(3);
  });

  it('begins again when a cluster was only half made', async () => {
    const dataDir = directory();
    mkdirSync(join(dataDir, 'cluster'), { recursive: true });
    writeFileSync(join(dataDir, 'cluster', 'PG_VERSION'), '18\n');
    expect(await query(await start({ dataDir }), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('where the server’s user may not go', () => {
  it('runs below a directory that is closed to everybody else', async () => {
    const closed = directory();
    chmodSync(closed, 0o700);
    const server = await start({ dataDir: join(closed, 'deep', 'data') });
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('moves to a refuge when it may not be given the right to enter, and finds it again', async () => {
    const dataDir = directory();
    const home = openHome(dataDir, () => undefined);
    cleanups.push(() => rmSync(join(home.cluster, '..'), { recursive: true, force: true }));
    const notices: string[] = [];
    const options = { dataDir, fromTemplate: true, settings: FAST, notice: (line: string) => notices.push(line) };
    const first = await startIn(home, options);
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(notices.join()).toContain(readFileSync(join(dataDir, 'moved-to'), 'utf8').trim());
    const second = await startIn(
      openHome(dataDir, () => undefined),
      options,
    );
    cleanups.push(() => second.stop());
    expect(await query(second, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });
});

describe('kill -9 of the whole tree', () => {
  it('keeps what was committed and starts again on the same port', async () => {
    const server = await start({ dataDir: directory(), settings: {} });
    await query(server, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const processes = processTree(server.pid);
    await server.kill();
    expect(processes.filter(isAlive)).toEqual([]);
    await expect(query(server, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    await server.restart();
    expect(await query(server, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('is not reported, and the end of a server that nobody asked for is', async () => {
    const exits: string[] = [];
    const server = await start({ dataDir: directory(), onUnexpectedExit: (error) => exits.push(error.code) });
    await server.kill();
    expect(exits).toEqual([]);
    await server.restart();
    process.kill(server.pid, 'SIGKILL');
    await waitUntil('the exit is reported', () => exits.length > 0);
    expect(exits).toEqual(['SERVER_EXITED']);
    await server.restart();
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('a stale lock', () => {
  it('of a process id that belongs to somebody else by now does not stop the start', async () => {
    const dataDir = directory();
    const first = await start({ dataDir });
    await first.kill();
    const lock = join(dataDir, 'cluster', 'postmaster.pid');
    const lines = readFileSync(lock, 'utf8').split('\n');
    writeFileSync(lock, [String(process.pid), ...lines.slice(1)].join('\n'));
    expect(await query(await start({ dataDir }), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('of a living server is an error, and the server is replaced when the caller says that its owner is gone', async () => {
    const dataDir = directory();
    const first = await start({ dataDir });
    const before = first.pid;
    await expect(start({ dataDir })).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE', message: expect.stringContaining(String(before)) });
    expect(await query(first, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const second = await start({ dataDir, replace: true });
    expect(isAlive(before)).toBe(false);
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('a taken port', () => {
  it('is an error that names the port', async () => {
    const squatter = await new Promise<Server>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    cleanups.push(() => void squatter.close());
    const { port } = squatter.address() as { port: number };
    await expect(start({ dataDir: directory(), port })).rejects.toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(String(port)) });
  });
});

describe('removePostgres', () => {
  it('stops what an owner left running and leaves nothing behind', async () => {
    const dataDir = join(directory(), 'data');
    const server = await start({ dataDir });
    const { pid } = server;
    await removePostgres(dataDir);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(dataDir)).toBe(false);
    await removePostgres(dataDir);
  });
});
