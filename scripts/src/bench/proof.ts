import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '@cairn/embedded';
import { PostgresEventStore, type StoredRecord } from '@cairn/event-store';
import { hashLeaf, MerkleTree, verifyLog, type LogEntry } from '@cairn/transparency';
import { benchEvent, nextId } from './bench-event.js';
import { interleave, printResult, printTable, ratio, wantsJson, type Contestant } from './measure.js';
import { measureLag } from './proof-lag.js';
import { LEAVES, measureProofs } from './proof-tree.js';

const EVENTS = 60_000;
const EVENTS_PER_APPEND = 50;
const PAGE = 500;
/** The page at which the plain reader is fastest. */
const PLAIN_PAGE = 5_000;
const ROUNDS = 7;
const ROUND_MS = 1_000;
const [VERIFY_TARGET, PROOF_TARGET_MS, LAG_TARGET_SECONDS] = [0.3, 5, 1];

async function measureProof(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-bench-proof-'));
  try {
    const times = await measureProofs(join(directory, 'tiles'));
    const title = `Proofs over ${LEAVES.toLocaleString('en')} leaves, tiles in files; the tree was built in ${times.buildSeconds.toFixed(1)} s`;
    process.stdout.write(
      `${title}\n` +
        `inclusion     made in ${times.inclusionMs.toFixed(2)} ms (under ${PROOF_TARGET_MS} ms)   verified in ${times.verifyInclusionMs.toFixed(3)} ms   ${times.hashes} hashes\n` +
        `consistency   made in ${times.consistencyMs.toFixed(2)} ms (under ${PROOF_TARGET_MS} ms)   verified in ${times.verifyConsistencyMs.toFixed(3)} ms\n\n`,
    );
    const { lagSeconds, verifyVsRead } = await measureWithDatabase(join(directory, 'postgres'));
    if (wantsJson()) printResult('proof', { lagSeconds, inclusionMedianMs: times.inclusionMs, consistencyMedianMs: times.consistencyMs, verifyVsRead });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureWithDatabase(dataDir: string): Promise<{ lagSeconds: number; verifyVsRead: number }> {
  const postgres = await startPostgres({ dataDir });
  const store = await PostgresEventStore.open({ url: postgres.url });
  const client = new Client({ connectionString: postgres.url });
  try {
    await client.connect();
    const lag = await measureLag(postgres.url, store);
    process.stdout.write(
      `The tree in another process behind ${Math.round(lag.appendsPerSecond).toLocaleString('en')} appends/s: median ${lag.medianSeconds.toFixed(3)} s, ` +
        `p99 ${lag.p99Seconds.toFixed(3)} s (under ${LAG_TARGET_SECONDS} s), level ${lag.levelAfterSeconds.toFixed(3)} s after the last append\n\n`,
    );
    const verifyVsRead = await measureVerification(postgres.url, client);
    return { lagSeconds: lag.p99Seconds, verifyVsRead };
  } finally {
    await client.end();
    await store.close();
    await postgres.stop();
  }
}

/** Over a log of a size that a round can read, in a database of its own. */
async function measureVerification(url: string, admin: Client): Promise<number> {
  await admin.query('CREATE DATABASE verification');
  const own = new URL(url);
  own.pathname = '/verification';
  const store = await PostgresEventStore.open({ url: own.href });
  const client = new Client({ connectionString: own.href });
  try {
    await client.connect();
    const tree = await fill(store);
    await client.query('VACUUM ANALYZE event_store.events');
    const checkpoint = { origin: 'bench', size: tree.size, root: tree.root() };
    const verify = async (): Promise<void> => {
      const { verified } = await verifyLog(entries(store), checkpoint, tree);
      if (!verified) throw new RangeError('the log of the benchmark does not verify');
    };
    const measured = await interleave([repeated('every event hashed, against the checkpoint', verify), repeated('bodies read', () => readBodies(client))], ROUNDS, ROUND_MS);
    printTable(`Verifying a log of ${EVENTS.toLocaleString('en')} events of 500 bytes`, 'events', measured, { 'bodies read': VERIFY_TARGET });
    const [subject, plain] = measured;
    return subject !== undefined && plain !== undefined ? ratio(subject, plain) : Number.NaN;
  } finally {
    await client.end();
    await store.close();
  }
}

async function fill(store: PostgresEventStore): Promise<MerkleTree> {
  const appends = Array.from({ length: EVENTS / EVENTS_PER_APPEND }, () => Array.from({ length: EVENTS_PER_APPEND }, benchEvent));
  await Promise.all(appends.map((events) => store.append([{ stream: `run-${nextId()}`, expected: 'none', events }])));
  const tree = new MerkleTree();
  for await (const page of entries(store)) tree.append(...page.map(({ body }) => hashLeaf(body)));
  await tree.tiles([]);
  return tree;
}

/** As an auditor reads it: pages of records, the next one under way while this one is hashed. */
async function* entries(store: PostgresEventStore): AsyncGenerator<readonly LogEntry[]> {
  const ended = new AbortController();
  for await (const { events, next } of store.followRecords(0n, { limit: PAGE, signal: ended.signal })) {
    yield events satisfies readonly StoredRecord[];
    if (next >= BigInt(EVENTS)) ended.abort();
  }
}

async function readBodies(client: Client): Promise<void> {
  for (let read = 0; read < EVENTS; read += PLAIN_PAGE) {
    await client.query({ name: 'bodies', text: 'SELECT position, body FROM event_store.events WHERE position >= $1 ORDER BY position LIMIT $2', values: [read, PLAIN_PAGE] });
  }
}

function repeated(name: string, once: () => Promise<void>): Contestant {
  return {
    name,
    run: async (forMs) => {
      let units = 0;
      for (const startedAtMs = performance.now(); performance.now() - startedAtMs < forMs; units += EVENTS) await once();
      return units;
    },
  };
}

await measureProof();
