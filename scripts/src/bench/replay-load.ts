import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '@cairn/embedded';
import { PostgresEventStore } from '@cairn/event-store';
import { appendOne, openBenchReadModel, type BenchReadModel } from './command-load.js';
import { median, percentile, printResult, wantsJson } from './measure.js';
import { startNeighbour, type Neighbour, type Replays } from './replay-load-neighbour.js';

const EVENTS = 10_000;
const ROUNDS = 7;
/** The same for all: one that lasted as long as its replay would last longest when others are busy with the machine, and show that. */
const ROUND_MS = 4_000;
/** Commands that arrive, whether or not those before are done: a load that a laptop carries easily, so that what is measured is waiting and not saturation. */
const COMMANDS_PER_SECOND = 200;
/** Of the 99th percentile, beside a replay against beside nothing. */
const TARGETS = { 'a replay in another process': 1.2, 'a replay in the same process': 1.5 } as const;
type Beside = keyof typeof TARGETS;
const BESIDE: readonly Beside[] = ['a replay in another process', 'a replay in the same process'];

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Round extends Latency {
  readonly replays: Replays;
  /** Beside nothing, right before and right after. */
  readonly alone: readonly [Latency, Latency];
}

/** What commands feel of a replay of their read model that runs meanwhile. */
async function measureReplayLoad(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-bench-replay-load-'));
  const postgres = await startPostgres({ dataDir: join(directory, 'postgres') });
  const store = await PostgresEventStore.open({ url: postgres.url });
  const readModel = await openBenchReadModel(postgres.url, store);
  try {
    for (let count = 0; count < EVENTS; count += 500) await Promise.all(Array.from({ length: 500 }, () => appendOne(store)));
    await readModel.runner.waitFor(BigInt(EVENTS) - 1n, 120_000);
    const round = (neighbour: Neighbour) => oneRound(neighbour, { url: postgres.url, store, readModel });
    for (const neighbour of BESIDE) await round(neighbour);
    const measured: Record<Beside, Round[]> = { 'a replay in another process': [], 'a replay in the same process': [] };
    let before = await round('nothing');
    for (let count = 0; count < ROUNDS; count += 1) {
      for (const neighbour of BESIDE) {
        const beside = await round(neighbour);
        const after = await round('nothing');
        measured[neighbour].push({ ...beside, alone: [before, after] });
        before = after;
      }
    }
    print(measured);
  } finally {
    await readModel.close();
    await store.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Scene {
  readonly url: string;
  readonly store: PostgresEventStore;
  readonly readModel: BenchReadModel;
}

async function oneRound(neighbour: Neighbour, { url, store, readModel }: Scene): Promise<Latency & { readonly replays: Replays }> {
  const stop = await startNeighbour(neighbour, url, readModel);
  const sorted = (await commands(store, readModel)).sort((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99), replays: await stop() };
}

/** Each is one durable append and the wait until the read model shows it; its time runs from when it was due. In milliseconds. */
async function commands(store: PostgresEventStore, { runner }: BenchReadModel): Promise<number[]> {
  const latenciesMs: number[] = [];
  const startedAtMs = performance.now();
  const underWay: Promise<void>[] = [];
  for (let sent = 0; ; sent += 1) {
    const dueAtMs = startedAtMs + (sent * 1_000) / COMMANDS_PER_SECOND;
    if (dueAtMs - startedAtMs >= ROUND_MS) break;
    const leftMs = dueAtMs - performance.now();
    if (leftMs > 0) await pause(leftMs);
    underWay.push(
      appendOne(store)
        .then((position) => runner.waitFor(position, 60_000))
        .then(() => void latenciesMs.push(performance.now() - dueAtMs)),
    );
  }
  await Promise.all(underWay);
  return latenciesMs;
}

function print(measured: Readonly<Record<Beside, readonly Round[]>>): void {
  const events = EVENTS.toLocaleString('en');
  const rounds = `${ROUNDS} rounds, each between two beside nothing`;
  process.stdout.write(`${COMMANDS_PER_SECOND} commands/s beside a replay of ${events} events and more; ${rounds}, ${availableParallelism()} cores\n`);
  process.stdout.write(`${'beside'.padEnd(30)}${'p50 ms'.padStart(8)}${'p99 ms'.padStart(8)}   ${'p99 against nothing [min-max]'.padEnd(40)}seconds of a replay\n`);
  printLatencies('nothing', BESIDE.flatMap((neighbour) => measured[neighbour].map(({ alone }) => alone[1])), '\n');
  for (const neighbour of BESIDE) {
    const ratios = ratiosOf(measured[neighbour]);
    const spread = `${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}]  (at most ${TARGETS[neighbour]})`;
    const seconds = median(measured[neighbour].map(({ replays }) => replays.seconds / replays.count));
    printLatencies(neighbour, measured[neighbour], `   ${spread.padEnd(40)}${seconds.toFixed(1)}\n`);
  }
  if (!wantsJson()) return;
  const p99Of = (neighbour: Beside): number => median(ratiosOf(measured[neighbour]));
  printResult('replay-load', { p99BesideReplay: p99Of('a replay in another process'), p99WithReplayInside: p99Of('a replay in the same process') });
}

function printLatencies(beside: string, latencies: readonly Latency[], rest: string): void {
  const [p50Ms, p99Ms] = [median(latencies.map((latency) => latency.p50Ms)), median(latencies.map((latency) => latency.p99Ms))];
  process.stdout.write(`${beside.padEnd(30)}${p50Ms.toFixed(1).padStart(8)}${p99Ms.toFixed(1).padStart(8)}${rest}`);
}

function ratiosOf(rounds: readonly Round[]): number[] {
  return rounds.map(({ p99Ms, alone: [before, after] }) => p99Ms / ((before.p99Ms + after.p99Ms) / 2));
}

await measureReplayLoad();
