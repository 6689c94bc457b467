import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@cairn/embedded';
import { PostgresEventStore } from '@cairn/event-store';
import { appendOne, openBenchReadModel, type BenchReadModel } from './command-load.js';
import { median, percentile, printResult, wantsJson } from './measure.js';

const CONCURRENCIES = [1, 8, 32, 128];
const ROUNDS = 11;
const ROUND_MS = 400;
const WARM_UP_MS = 1_500;

interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Row {
  readonly concurrency: number;
  readonly append: readonly Load[];
  readonly command: readonly Load[];
}

/**
 * A command is one durable append and the wait until the service's own read model shows it, against the append alone. The two alternate, so that what
 * else the machine does meets both; the projections stand still while appends are measured alone.
 */
async function measureCommand(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-bench-command-'));
  const postgres = await startPostgres({ dataDir: join(directory, 'postgres') });
  const store = await PostgresEventStore.open({ url: postgres.url });
  const readModel = await openBenchReadModel(postgres.url, store);
  try {
    await underLoad(32, WARM_UP_MS, () => runCommand(store, readModel));
    const rows: Row[] = [];
    for (const concurrency of CONCURRENCIES) rows.push(await compare(concurrency, store, readModel));
    print(rows);
  } finally {
    await readModel.close();
    await store.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function compare(concurrency: number, store: PostgresEventStore, readModel: BenchReadModel): Promise<Row> {
  const append: Load[] = [];
  const command: Load[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await readModel.runner.stop();
    append.push(await underLoad(concurrency, ROUND_MS, () => appendOne(store)));
    await readModel.runner.start();
    // What was appended alone is caught up with before the clock runs.
    await runCommand(store, readModel);
    command.push(await underLoad(concurrency, ROUND_MS, () => runCommand(store, readModel)));
  }
  return { concurrency, append, command };
}

async function runCommand(store: PostgresEventStore, { runner }: BenchReadModel): Promise<void> {
  await runner.waitFor(await appendOne(store), 60_000);
}

/** So many callers, each of which asks again as soon as it is answered. */
async function underLoad(concurrency: number, forMs: number, work: () => Promise<unknown>): Promise<Load> {
  const latenciesMs: number[] = [];
  const startedAtMs = performance.now();
  const caller = async (): Promise<void> => {
    for (let nowMs = startedAtMs; nowMs - startedAtMs < forMs; ) {
      const sentAtMs = nowMs;
      await work();
      nowMs = performance.now();
      latenciesMs.push(nowMs - sentAtMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  const elapsedMs = performance.now() - startedAtMs;
  const sorted = latenciesMs.sort((a, b) => a - b);
  return { perSecond: (sorted.length / elapsedMs) * 1_000, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

function print(rows: readonly Row[]): void {
  process.stdout.write(`Command with its own read model visible against append alone; ${ROUNDS} alternating rounds, ${availableParallelism()} cores\n`);
  process.stdout.write('at once   append/s          command/s (p50, p99 ms)             ratio [spread]\n');
  for (const { concurrency, append, command } of rows) {
    const ratios = ratiosOf(append, command);
    const [p50Ms, p99Ms] = [median(command.map((load) => load.p50Ms)), median(command.map((load) => load.p99Ms))];
    const spread = `[${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}]`;
    const rates = [append, command].map((loads) => Math.round(median(loads.map(({ perSecond }) => perSecond))).toLocaleString('en'));
    const latency = `(${p50Ms.toFixed(1)}, ${p99Ms.toFixed(1)})`;
    process.stdout.write(`${String(concurrency).padStart(7)}   ${rates[0]?.padEnd(16)}  ${rates[1]?.padEnd(9)} ${latency.padEnd(25)} ${median(ratios).toFixed(2)} ${spread}\n`);
  }
  const at32 = rows.find(({ concurrency }) => concurrency === 32);
  if (at32 === undefined || !wantsJson()) return;
  printResult('command', { c32VsAppend: median(ratiosOf(at32.append, at32.command)), c32P99Ms: median(at32.command.map(({ p99Ms }) => p99Ms)) });
}

/** Round by round: neighbours in time met the same machine. */
function ratiosOf(append: readonly Load[], command: readonly Load[]): number[] {
  return command.map(({ perSecond }, round) => perSecond / (append[round]?.perSecond ?? Number.NaN));
}

await measureCommand();
