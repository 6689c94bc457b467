import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

import { tempDir, waitUntil } from '@cairn/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';

import { isAlive } from '../process/process-tree.js';
import { type Nats, type NatsOptions, startNats } from './nats.js';

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function directory(): string {
  const made = tempDir('embedded');
  cleanups.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function start(options: NatsOptions): Promise<Nats> {
  const server = await startNats(options);
  cleanups.push(() => server.stop());
  return server;
}

async function use<T>(server: Nats, work: (connection: NatsConnection) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: server.url });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

const storeOne = (server: Nats) =>
  use(server, async (connection) => {
    await (await jetstreamManager(connection)).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await jetstream(connection).publish('kept.one', 'one');
  });
const countStored = (server: Nats) => use(server, async (connection) => (await (await jetstreamManager(connection)).streams.info('KEPT')).state.messages);

describe('startNats', () => {
  it('has JetStream with files that outlive a stop', async () => {
    const dataDir = directory();
    const first = await start({ dataDir });
    await storeOne(first);
    await first.stop();
    expect(await countStored(await start({ dataDir }))).toBe(1);
  });

  it('comes back on the same port after kill -9 and a restart', async () => {
    const server = await start({ dataDir: directory() });
    await storeOne(server);
    const before = server.pid;
    await server.kill();
    expect(isAlive(before)).toBe(false);
    await server.restart();
    expect(await countStored(server)).toBe(1);
  });

  it('reports an end that nobody asked for, and no other', async () => {
    const exits: string[] = [];
    const server = await start({ dataDir: directory(), onUnexpectedExit: (error) => exits.push(error.code) });
    await server.restart();
    expect(exits).toEqual([]);
    process.kill(server.pid, 'SIGKILL');
    await waitUntil('the exit is reported', () => exits.length > 0);
    expect(exits).toEqual(['SERVER_EXITED']);
  });

  it('does not share a directory with a living server, and replaces it when its owner is gone', async () => {
    const dataDir = directory();
    const first = await start({ dataDir });
    await expect(start({ dataDir })).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
    const before = first.pid;
    await start({ dataDir, replace: true });
    expect(isAlive(before)).toBe(false);
  });

  it('starts over a pid file that names somebody else', async () => {
    const dataDir = directory();
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'nats.pid'), String(process.pid));
    await start({ dataDir });
  });

  it('names the port that is taken', async () => {
    const squatter = await new Promise<Server>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    cleanups.push(() => void squatter.close());
    const { port } = squatter.address() as { port: number };
    await expect(start({ dataDir: directory(), port })).rejects.toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(String(port)) });
  });
});
