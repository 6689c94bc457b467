import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '@cairn/embedded';
import { PostgresEventStore } from '@cairn/event-store';
import { benchEvent, nextId } from './bench-event.js';
import { interleave, printResult, printTable, ratio, wantsJson, type Contestant } from './measure.js';

const EVENTS = 50_000;
const STREAMS = 1_000;
const EVENTS_PER_APPEND = 50;
/** The page at which the bare reader is fastest; the store reads as it does by itself. */
const BARE_PAGE = 5_000;
const ROUNDS = 7;
const ROUND_MS = 1_000;
const TARGET = 0.8;

async function fill(store: PostgresEventStore): Promise<void> {
  const streams = Array.from({ length: STREAMS }, () => `run-${nextId()}`);
  await Promise.all(
    streams.map((stream) => store.append([{ stream, expected: 'none', events: Array.from({ length: EVENTS_PER_APPEND }, benchEvent) }])),
  );
  if ((await store.size()) !== BigInt(EVENTS)) throw new RangeError(`the log should hold ${EVENTS} events`);
}

/** What a replay is: every event of the log, in order, into a state per stream. */
async function replay(store: PostgresEventStore): Promise<number> {
  const ended = new AbortController();
  const states = new Map<string, { events: number; lastNoteLength: number }>();
  for await (const page of store.follow(0n, { signal: ended.signal })) {
    for (const event of page.events) {
      const events = (states.get(event.stream)?.events ?? 0) + 1;
      states.set(event.stream, { events, lastNoteLength: String(event.data['note']).length });
    }
    if (page.next >= BigInt(EVENTS)) ended.abort();
  }
  if (states.size !== STREAMS) throw new RangeError('the replay missed a stream');
  return EVENTS;
}

/** The least that a reader has to do: the same pages by their key, the body parsed, nothing made of it. */
async function readBare(client: Client): Promise<number> {
  let read = 0;
  while (read < EVENTS) {
    const { rows } = await client.query<{ position: string; body: string }>({
      name: 'bare',
      text: 'SELECT position, body FROM event_store.events WHERE position >= $1 ORDER BY position LIMIT $2',
      values: [read, BARE_PAGE],
    });
    for (const { body } of rows) JSON.parse(body);
    read += rows.length;
  }
  return read;
}

function repeated(name: string, once: () => Promise<number>): Contestant {
  return {
    name,
    run: async (forMs) => {
      let units = 0;
      for (const startedAtMs = performance.now(); performance.now() - startedAtMs < forMs; ) units += await once();
      return units;
    },
  };
}

async function measureReplay(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-bench-replay-'));
  const postgres = await startPostgres({ dataDir: join(directory, 'postgres') });
  const store = await PostgresEventStore.open({ url: postgres.url });
  const client = new Client({ connectionString: postgres.url });
  try {
    await client.connect();
    await fill(store);
    await client.query('VACUUM ANALYZE event_store.events');
    const measured = await interleave([repeated('Cairn, replay into a fold', () => replay(store)), repeated('pg, read and parse', () => readBare(client))], ROUNDS, ROUND_MS);
    printTable(`Replay of ${EVENTS.toLocaleString('en')} events of 500 bytes`, 'events', measured, { 'pg, read and parse': TARGET });
    const [subject, bare] = measured;
    if (wantsJson() && subject && bare) printResult('replay', { vsBareRead: ratio(subject, bare) });
  } finally {
    await client.end();
    await store.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

await measureReplay();
