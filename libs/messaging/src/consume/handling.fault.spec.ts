import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryEventStore } from '@cairn/event-store';
import { createDatabase, startTestNats, waitUntil } from '@cairn/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NatsLink } from '../nats/nats-link.js';
import { soleHolder } from '../relay/lease.js';
import { Relay } from '../relay/relay.js';
import { specLogger, startClaimService, type ClaimHandler, type ClaimService, type ClaimServiceOptions } from '../testing/claim-service.js';
import { appendClaims, names } from '../testing/claims.js';
import { expectedCopies, readCopies } from '../testing/copies.js';
import { Effects, idsOf } from '../testing/effects.js';
import { FaultyProxy } from '../testing/faulty-proxy.js';
import { gate } from '../testing/gate.js';

let nats: Awaited<ReturnType<typeof startTestNats>>;
let database: Awaited<ReturnType<typeof createDatabase>>;
let effects: Effects;
let store: MemoryEventStore;
let relay: Relay;
let closers: (() => Promise<void>)[];

beforeAll(async () => {
  [nats, database] = await Promise.all([startTestNats(), createDatabase()]);
  effects = await Effects.open(database.url);
});
afterAll(async () => {
  await effects.close();
  await Promise.all([nats.stop(), database.drop()]);
});
beforeEach(async () => {
  closers = [];
  await effects.clear();
  store = new MemoryEventStore();
  const link = new NatsLink({ url: nats.url, name: 'relay', logger: specLogger });
  relay = new Relay({ store, link, lease: soleHolder, logger: specLogger, checkIntervalMs: 200 });
  relay.start();
  closers.push(
    () => link.close(),
    () => relay.stop(),
  );
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  await deleteStreams();
});

async function deleteStreams(): Promise<void> {
  const nc = await connect({ servers: nats.url });
  const jsm = await jetstreamManager(nc);
  for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name);
  await nc.close();
}

async function start(handler: ClaimHandler, options: Partial<ClaimServiceOptions> = {}): Promise<ClaimService> {
  const service = await startClaimService({ url: nats.url, handler, ...options });
  closers.push(() => service.close());
  return service;
}

const carryOut: ClaimHandler = async (delivery) => void (await effects.carryOut(delivery));

/** Everything appended is in the stream once, in order, and was carried out once. */
async function expectConsistent(count: number): Promise<void> {
  await waitUntil(`${count} effects are there`, async () => (await effects.count()) >= count);
  expect(await readCopies(nats.url)).toEqual(await expectedCopies(store));
  const done = await effects.ids();
  expect(done).toHaveLength(count);
  expect([...done].sort()).toEqual((await idsOf(store)).sort());
}

describe('a handler whose server is killed', () => {
  it('handles each event once, whatever came twice', async () => {
    await start(carryOut);
    const writing = (async () => {
      for (const batch of names(100)) await appendClaims(store, names(4, batch));
    })();
    for (const enough of [20, 120]) {
      await waitUntil('some are handled', async () => (await effects.count()) >= enough);
      await nats.kill();
      await appendClaims(store, names(10, `while-down-${enough}`));
      await nats.restart();
    }
    await writing;
    await expectConsistent(420);
  });

  it('starts without a server, and begins when there is one', async () => {
    await nats.kill();
    const service = await start(carryOut);
    expect(service.link.status).not.toMatchObject({ state: 'connected' });
    await appendClaims(store, names(10));
    await nats.restart();
    await expectConsistent(10);
    expect(await effects.ids()).toEqual(await idsOf(store));
  });
});

describe('a process that dies', () => {
  it('before the effect: another one carries it out', async () => {
    const dying = await startClaimService({ url: nats.url, handler: () => dying.link.use(AbortSignal.timeout(60_000)).then(({ nc }) => nc.close()).then(never) });
    await appendClaims(store, names(3));
    await waitUntil('it died', () => dying.link.status.state !== 'connected');
    await dying.close();
    expect(await effects.count()).toBe(0);
    await start(carryOut);
    await expectConsistent(3);
  });

  it('by kill -9 between the effect and the acknowledgement: nobody carries it out again', async () => {
    const program = join(import.meta.dirname, '../../dist/testing/dying-consumer.js');
    if (!existsSync(program)) throw new Error(`${program} is missing. Build it with \`npm run build\`; \`npm test\` does so.`);
    const dying = spawn(process.execPath, [program, nats.url, database.url], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    dying.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    const ended = new Promise<NodeJS.Signals | number | null>((resolve) => dying.once('exit', (code, signal) => resolve(signal ?? code)));
    await appendClaims(store, names(3));
    expect(await ended, said).toBe('SIGKILL');
    expect(await effects.count()).toBe(1);
    await start(carryOut);
    await expectConsistent(3);
    await waitUntil('the first one came again', () => effects.runs === 3);
  });

  it('cut off between the effect and the acknowledgement: nobody carries it out again', async () => {
    const proxy = await FaultyProxy.start(nats.url);
    closers.push(() => proxy.stop());
    const done = gate();
    const dying = await startClaimService({
      url: proxy.url,
      handler: async (delivery) => {
        await effects.carryOut(delivery);
        proxy.lose('requests');
        done.open();
      },
    });
    await appendClaims(store, names(3));
    await done.opened;
    await waitUntil('the acknowledgement was lost', () => proxy.lostBytes > 0);
    proxy.cut();
    await dying.app.close();
    expect(await effects.count()).toBe(1);
    await start(carryOut);
    await expectConsistent(3);
    await waitUntil('the first one came again', () => effects.runs === 4);
    proxy.lose('nothing');
    await dying.close();
  });
});

describe('a handler whose effect fails', () => {
  it.each([
    ['before it is stored', false],
    ['after it is stored', true],
  ])('%s: it is carried out once', async (_, stored) => {
    let failed = false;
    await start(async (delivery) => {
      if (stored) await effects.carryOut(delivery);
      if (!failed) {
        failed = true;
        throw new TypeError('struck by lightning');
      }
      await effects.carryOut(delivery);
    });
    await appendClaims(store, names(5));
    await waitUntil('it failed', () => failed);
    await expectConsistent(5);
  });
});

describe('a JetStream that lost everything', () => {
  it('is rebuilt, delivers everything again, and nothing happens twice', async () => {
    await start(carryOut);
    await appendClaims(store, names(50));
    await expectConsistent(50);
    expect(effects.runs).toBe(50);
    await deleteStreams();
    await waitUntil('everything came again', () => effects.runs === 100);
    await appendClaims(store, names(10, 'after'));
    await expectConsistent(60);
  });
});

function never(): Promise<void> {
  return Promise.reject(new Error('the process is dead'));
}
