import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@cairn/embedded';
import { PostgresEventStore } from '@cairn/event-store';
import { openRivals } from './append-rivals.js';
import { benchEvent, nextId } from './bench-event.js';
import { interleave, printResult, printTable, ratio, wantsJson, type Contestant } from './measure.js';

const WRITERS = 256;
const ROUNDS = 7;
const ROUND_MS = 900;
const TARGETS = [0.65, 8, 0.35];

/** Writers that each append one event at the revision they know, wait until it is durable, and append the next. */
function cairn(store: PostgresEventStore): Contestant {
  const writers = Array.from({ length: WRITERS }, () => ({ stream: `run-${nextId()}`, revision: -1n }));
  return {
    name: `Cairn, ${WRITERS} writers`,
    run: async (forMs) => {
      const startedAtMs = performance.now();
      const counts = await Promise.all(
        writers.map(async (writer) => {
          let count = 0;
          for (; performance.now() - startedAtMs < forMs; count += 1) {
            const expected = writer.revision < 0n ? 'none' : writer.revision;
            const [result] = await store.append([{ stream: writer.stream, expected, events: [benchEvent()] }]);
            if (result !== undefined) writer.revision = result.revision;
          }
          return count;
        }),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

async function measureAppend(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-bench-append-'));
  const postgres = await startPostgres({ dataDir: join(directory, 'postgres') });
  const store = await PostgresEventStore.open({ url: postgres.url });
  const rivals = await openRivals(postgres.url);
  try {
    const measured = await interleave([cairn(store), ...rivals.contestants], ROUNDS, ROUND_MS);
    const targets = Object.fromEntries(rivals.contestants.map(({ name }, index) => [name, TARGETS[index] ?? 0]));
    printTable('Durable appends with leaf hash, events of 500 bytes', 'events', measured, targets);
    const [subject, batched, single, copy] = measured;
    if (wantsJson() && subject && batched && single && copy) {
      printResult('append', { vsBatchedInsert: ratio(subject, batched), vsSingleInsert: ratio(subject, single), vsCopy: ratio(subject, copy) });
    }
  } finally {
    await rivals.close();
    await store.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

await measureAppend();
