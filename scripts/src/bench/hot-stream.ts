import { Pool } from 'pg';
import { EventStoreError, type EventStore, type ExpectedRevision } from '@cairn/event-store';
import { benchEvent, benchRecords, nextId } from './bench-event.js';
import { interleave, printTable, ratio, type Contestant } from './measure.js';

const WRITERS = 8;
const ROUNDS = 5;
const ROUND_MS = 600;

/** All append to one stream: what becomes of it when the store orders them, and when each has to find its place by itself. Answers the ratio to SQL. */
export async function measureHotStream(url: string, store: EventStore): Promise<number> {
  const pool = new Pool({ connectionString: url, max: WRITERS });
  await pool.query('CREATE TABLE bench_hot (LIKE event_store.events INCLUDING CONSTRAINTS INCLUDING INDEXES)');
  await pool.query('CREATE SEQUENCE bench_hot_position');
  try {
    const contestants = [
      byWriters('Cairn, any revision', () => appendAny(store)),
      byWriters('Cairn, read the revision, retry', () => appendExpecting(store)),
      byWriters('INSERT, read the revision, retry', await insertRetrying(pool)),
    ];
    const measured = await interleave(contestants, ROUNDS, ROUND_MS);
    process.stdout.write('\n');
    printTable(`One hot stream, ${WRITERS} writers, one event at a time`, 'events', measured, { 'INSERT, read the revision, retry': 5 });
    const [subject, , retrying] = measured;
    return subject !== undefined && retrying !== undefined ? ratio(subject, retrying) : Number.NaN;
  } finally {
    await pool.end();
  }
}

/** Each round has a stream of its own: `append` names it. */
function byWriters(name: string, append: () => (stream: string) => Promise<void>): Contestant {
  const once = append();
  return {
    name,
    run: async (forMs) => {
      const stream = `run-${nextId()}`;
      const startedAtMs = performance.now();
      const counts = await Promise.all(
        Array.from({ length: WRITERS }, async () => {
          let count = 0;
          for (; performance.now() - startedAtMs < forMs; count += 1) await once(stream);
          return count;
        }),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

function appendAny(store: EventStore): (stream: string) => Promise<void> {
  return async (stream) => void (await store.append([{ stream, expected: 'any', events: [benchEvent()] }]));
}

function appendExpecting(store: EventStore): (stream: string) => Promise<void> {
  return async (stream) => {
    for (;;) {
      const [last] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
      const expected: ExpectedRevision = last?.revision ?? 'none';
      try {
        await store.append([{ stream, expected, events: [benchEvent()] }]);
        return;
      } catch (error) {
        if (!(error instanceof EventStoreError) || error.code !== 'REVISION_CONFLICT') throw error;
      }
    }
  };
}

/** What a store without a sequencer does: every writer on a connection of its own, the unique key decides, the losers read again. */
async function insertRetrying(pool: Pool): Promise<() => (stream: string) => Promise<void>> {
  const [template] = await benchRecords(1);
  return () => async (stream) => {
    for (;;) {
      const { rows } = await pool.query<{ next: string }>({
        name: 'hot_revision',
        text: 'SELECT coalesce(max(revision) + 1, 0) AS next FROM bench_hot WHERE stream = $1',
        values: [stream],
      });
      const { rowCount } = await pool.query({
        name: 'hot_insert',
        text: `INSERT INTO bench_hot SELECT nextval('bench_hot_position'), $1, $2, $3, $4, $5, $6 ON CONFLICT DO NOTHING`,
        values: [stream, rows[0]?.next, nextId(), template?.type, template?.body, template?.leaf],
      });
      if (rowCount === 1) return;
    }
  };
}
