import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

import { isAlive } from '@cairn/embedded';
import { tempDir, waitUntil } from '@cairn/testing';
import pg from 'pg';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

const program = join(import.meta.dirname, '..', 'dist', 'start.js');
const running: ChildProcess[] = [];

interface Launcher {
  readonly child: ChildProcess;
  readonly pid: number;
  said(): string;
  /** Waits for a text and gives the first group of the expression. */
  says(text: RegExp): Promise<string>;
  exit(): Promise<number | NodeJS.Signals>;
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Without colours, which a launcher shows in a CI (`CI` is set) even to a pipe. */
function launch(dataDir: string, ...args: string[]): Launcher {
  const child = spawn(process.execPath, [program, '--data-dir', dataDir, '--services', 'gateway,monitoring', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | NodeJS.Signals>((resolve) => child.once('close', (code, signal) => resolve(signal ?? code ?? 1)));
  return {
    child,
    pid: child.pid ?? 0,
    said: () => output,
    says: async (text) => {
      await waitUntil(`the launcher says ${text}`, () => text.test(output) || child.exitCode !== null, 120_000).catch((cause: unknown) => {
        throw new Error(`So far the launcher said:\n${output}`, { cause });
      });
      const found = text.exec(output);
      if (found === null) throw new Error(`The launcher ended with ${child.exitCode} and never said ${text}:\n${output}`);
      return found[1] ?? found[0];
    },
    exit: () => ended,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

async function query(launcher: Launcher, dataDir: string, sql: string): Promise<unknown[]> {
  const url = new URL(await launcher.says(/(postgres:\/\/\S+)/));
  url.password = readFileSync(join(dataDir, 'postgres', 'password'), 'utf8').trim();
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const pidIn = (...path: string[]): number => Number(readFileSync(join(...path), 'utf8').split('\n')[0]);

beforeAll(() => {
  if (!existsSync(program)) throw new Error(`${program} is missing. Build it with \`npm run build\`; \`npm test\` does so.`);
});

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
});

// Each starts a stack, some several; on two busy cores one takes half a minute.
describe('npm start', { timeout: 240_000 }, () => {
  it('shows where everything runs, stops in order, keeps what it has, and forgets it when fresh', async () => {
    const dataDir = tempDir('start');
    const first = launch(dataDir, '--port-base', 'any');
    const gateway = await first.says(/gateway +(http:\S+)/);
    await first.says(/Up after/);
    expect((await fetch(`${gateway}/health/ready`)).status).toBe(200);
    const servers = [pidIn(dataDir, 'postgres', 'cluster', 'postmaster.pid'), pidIn(dataDir, 'nats', 'nats.pid')];
    expect(servers.filter(isAlive)).toHaveLength(2);
    await query(first, dataDir, 'CREATE TABLE kept AS SELECT 42 AS answer');
    expect(await first.end('SIGINT')).toBe(0);
    expect(servers.filter(isAlive)).toEqual([]);

    const second = launch(dataDir, '--port-base', 'any');
    await second.says(/Up after/);
    expect(await query(second, dataDir, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await second.end('SIGTERM')).toBe(0);

    const third = launch(dataDir, '--port-base', 'any', '--fresh');
    await third.says(/Up after/);
    expect(await query(third, dataDir, "SELECT to_regclass('kept') AS kept")).toEqual([{ kept: null }]);
    expect(await third.end('SIGTERM')).toBe(0);
  });

  it('starts again after kill -9, which takes its servers along', async () => {
    const dataDir = tempDir('start');
    const first = launch(dataDir, '--port-base', 'any');
    await first.says(/Up after/);
    const servers = [pidIn(dataDir, 'postgres', 'cluster', 'postmaster.pid'), pidIn(dataDir, 'nats', 'nats.pid')];
    await first.end('SIGKILL');
    expect(existsSync(join(dataDir, 'lock'))).toBe(true);
    const second = launch(dataDir, '--port-base', 'any');
    await second.says(/Up after/);
    expect(servers.filter(isAlive)).toEqual([]);
    expect(await second.end('SIGTERM')).toBe(0);
  });

  it('brings a server back that somebody ended', async () => {
    const dataDir = tempDir('start');
    const launcher = launch(dataDir, '--port-base', 'any');
    await launcher.says(/Up after/);
    const before = pidIn(dataDir, 'nats', 'nats.pid');
    process.kill(before, 'SIGKILL');
    await launcher.says(/Starting it again/);
    await waitUntil('there is another nats-server', () => pidIn(dataDir, 'nats', 'nats.pid') !== before);
    expect(await launcher.end('SIGTERM')).toBe(0);
  });

  it('refuses a data directory that is in use, and says by whom', async () => {
    const dataDir = tempDir('start');
    const first = launch(dataDir, '--port-base', 'any');
    await first.says(/Up after/);
    const second = launch(dataDir, '--port-base', 'any');
    expect(await second.exit()).toBe(1);
    expect(second.said()).toContain(`in use by process ${first.pid}`);
    expect(second.said()).not.toContain('    at ');
    expect(await first.end('SIGTERM')).toBe(0);
  });

  it('names the option for a taken port before it starts anything', async () => {
    const squatter = await new Promise<Server>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    const { port } = squatter.address() as { port: number };
    const dataDir = tempDir('start');
    const launcher = launch(dataDir, '--port', `monitoring=${port}`);
    expect(await launcher.exit()).toBe(1);
    expect(launcher.said()).toMatch(new RegExp(`${port} \\(monitoring\\) is taken.*--port monitoring=<n>.*--port-base`));
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
    squatter.close();
  });

  it('asks for tokens with --auth, and keeps them', async () => {
    const dataDir = tempDir('start');
    const launcher = launch(dataDir, '--port-base', 'any', '--auth', 'ana');
    const monitoring = await launcher.says(/monitoring +(http:\S+)/);
    await launcher.says(/Up after/);
    const { ana } = JSON.parse(readFileSync(join(dataDir, 'tokens.json'), 'utf8')) as { ana: string };
    expect((await fetch(`${monitoring}/monitoring/v1/monitors`)).status).toBe(401);
    expect((await fetch(`${monitoring}/monitoring/v1/monitors`, { headers: { authorization: `Bearer ${ana}` } })).status).toBe(200);
    expect(await launcher.end('SIGTERM')).toBe(0);
  });
});
