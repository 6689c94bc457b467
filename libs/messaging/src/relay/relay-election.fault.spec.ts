import { PostgresEventStore, PostgresLease } from '@cairn/event-store';
import { createDatabase, startTestNats, waitUntil } from '@cairn/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NatsLink } from '../nats/nats-link.js';
import { specLogger } from '../testing/claim-service.js';
import { appendClaims, names } from '../testing/claims.js';
import { expectedCopies, readCopies } from '../testing/copies.js';
import type { Lease } from './lease.js';
import { Relay } from './relay.js';

const LEASE = 'relay-spec';

let nats: Awaited<ReturnType<typeof startTestNats>>;
let database: Awaited<ReturnType<typeof createDatabase>>;
let processes: Awaited<ReturnType<typeof startProcess>>[];

beforeAll(async () => {
  [nats, database] = await Promise.all([startTestNats(), createDatabase()]);
  processes = await Promise.all([1, 2, 3].map(startProcess));
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.close()));
  await Promise.all([nats.stop(), database.drop()]);
});

/** What a process has: its own connections to the log, to NATS and to the election. */
async function startProcess() {
  const store = await PostgresEventStore.open({ url: database.url });
  const link = new NatsLink({ url: nats.url, name: 'relay', logger: specLogger });
  const lease: Lease = {
    acquire: async (signal) => {
      const held = await PostgresLease.acquire(database.url, LEASE, signal);
      return { lost: held.signal, release: () => held.release() };
    },
  };
  const relay = new Relay({ store, link, lease, logger: specLogger });
  relay.start();
  return {
    store,
    relay,
    close: async () => {
      await relay.stop();
      await link.close();
      await store.close();
    },
  };
}

const leaders = () => processes.filter(({ relay }) => relay.status.state === 'copying');
const copied = (next: bigint) =>
  waitUntil(`${next} events are copied`, () => leaders().some(({ relay: { status } }) => status.state === 'copying' && status.next >= next));

async function endSessionOfHolder(): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rowCount } = await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND pid IN (SELECT pid FROM pg_stat_activity WHERE application_name LIKE $1)`,
    [`%lease ${LEASE}%`],
  );
  await client.end();
  expect(rowCount).toBe(1);
}

it('copies each event once, in order, while the processes that copy come and go', async () => {
  const [writer, other] = processes;
  await appendClaims(writer!.store, names(200));
  await copied(200n);
  expect(leaders()).toHaveLength(1);

  const writing = (async () => {
    for (const batch of names(60)) await appendClaims(writer!.store, names(5, batch));
  })();
  await copied(250n);
  await endSessionOfHolder();
  await writing;
  await copied(500n);

  const [leader] = leaders();
  await leader!.relay.stop();
  await appendClaims(other!.store, names(100));
  await copied(600n);
  expect(leaders()).toHaveLength(1);

  const copies = await readCopies(nats.url);
  expect(copies).toEqual(await expectedCopies(writer!.store));
  expect(copies).toHaveLength(600);
});
