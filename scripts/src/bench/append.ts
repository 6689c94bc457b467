import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@cairn/embedded';
import { PostgresEventStore } from '@cairn/event-store';
import { measureMatrix } from './append-matrix.js';
import { measureMemory } from './append-memory.js';
import { openRivals, PLAIN_BATCH } from './append-rivals.js';
import { benchEvent, nextId } from './bench-event.js';
import { cpuRatio, metered, type Metered } from './cpu.js';
import { measureHotStream } from './hot-stream.js';
import { interleave, median, printResult, printTable, ratio, wantsJson, type Contestant } from './measure.js';

const WRITERS = 256;
const ROUNDS = 7;
const ROUND_MS = 900;
const TARGETS = [0.65, 8, 0.35];
const CPU_TARGET = 1.5;

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
  try {
    if (process.argv.includes('--memory')) {
      const heapGrowthMib = await measureMemory(store);
      if (wantsJson()) printResult('append', { heapGrowthMib });
      return;
    }
    const ratios = await measureRivals(postgres.url, postgres.pid, store);
    const hotStreamVsRetry = await measureHotStream(postgres.url, store);
    await measureMatrix(postgres.url, postgres.pid);
    if (wantsJson()) printResult('append', { ...ratios, hotStreamVsRetry });
  } finally {
    await store.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureRivals(url: string, serverPid: number, store: PostgresEventStore): Promise<Record<string, number>> {
  const rivals = await openRivals(url);
  try {
    const meters = [cairn(store), ...rivals.contestants].map((contestant) => metered(contestant, serverPid));
    const measured = await interleave(meters.map(({ contestant }) => contestant), ROUNDS, ROUND_MS);
    const targets = Object.fromEntries(rivals.contestants.flatMap(({ name }, index) => (TARGETS[index] === undefined ? [] : [[name, TARGETS[index]]])));
    printTable('Durable appends with leaf hash, events of 500 bytes', 'events', measured, targets);
    const [subject, batched, single, copy] = measured;
    const [subjectCpu] = meters;
    const plainCpu = meters.find(({ contestant }) => contestant.name === PLAIN_BATCH);
    if (!subject || !batched || !single || !copy || !subjectCpu || !plainCpu) return {};
    const cpuVsPlainBatch = cpuRatio(subjectCpu, plainCpu);
    printCpu(subjectCpu, meters);
    return { vsBatchedInsert: ratio(subject, batched), vsSingleInsert: ratio(subject, single), vsCopy: ratio(subject, copy), cpuVsPlainBatch };
  } finally {
    await rivals.close();
  }
}

function printCpu(subject: Metered, meters: readonly Metered[]): void {
  const width = Math.max(...meters.map(({ contestant }) => contestant.name.length)) + 2;
  process.stdout.write('\nµs of CPU per event, Node + PostgreSQL, and the ratio of the first to it\n');
  for (const meter of meters) {
    const { contestant, node, server } = meter;
    const target = contestant.name === PLAIN_BATCH ? `  (at most ${CPU_TARGET})` : '';
    const against = meter === subject ? '' : `${cpuRatio(subject, meter).toFixed(2)}${target}`;
    process.stdout.write(`${contestant.name.padEnd(width)}${`${median(node).toFixed(0)} + ${median(server).toFixed(0)}`.padStart(12)}   ${against}\n`);
  }
}

await measureAppend();
