import 'reflect-metadata';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '@cairn/embedded';
import { PostgresEventStore } from '@cairn/event-store';
import { appendOne, openBenchReadModel, type BenchReadModel } from './command-load.js';
import { median, percentile, printResult, wantsJson } from './measure.js';

// node scripts/dist/bench/bench-replay-load.js [--json]: what commands feel of a replay of the read model that runs meanwhile.

const EVENTS = 60_000;
const ROUNDS = 6;
const ROUND_MS = 4_000;
/** Commands that arrive, whether or not those before are done: a load that a laptop carries easily, so that what is measured is waiting and not saturation. */
const COMMANDS_PER_SECOND = 200;
const REPLAYER = '--replayer';

type Neighbour = 'nothing' | 'a replay in another process' | 'a replay in the same process';

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measureReplayLoad(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-bench-replay-load-'));
  const postgres = await startPostgres({ dataDir: join(directory, 'postgres') });
  const store = await PostgresEventStore.open({ url: postgres.url });
  const readModel = await openBenchReadModel(postgres.url, store);
  try {
    for (let count = 0; count < EVENTS; count += 500) await Promise.all(Array.from({ length: 500 }, () => appendOne(store)));
    await readModel.runner.waitFor(BigInt(EVENTS) - 1n, 120_000);
    await commands(store, readModel, 1_000);
    const measured = new Map<Neighbour, Latency[]>();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const neighbour of ['nothing', 'a replay in another process', 'a replay in the same process'] as const) {
        const stop = await startNeighbour(neighbour, postgres.url, readModel);
        const latency = await commands(store, readModel, ROUND_MS);
        await stop();
        measured.set(neighbour, [...(measured.get(neighbour) ?? []), latency]);
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

/** Begins to replay over and over; answers how to end it. */
async function startNeighbour(neighbour: Neighbour, url: string, readModel: BenchReadModel): Promise<() => Promise<void>> {
  if (neighbour === 'nothing') return async () => undefined;
  if (neighbour === 'a replay in the same process') {
    const stop = new AbortController();
    const running = replayUntil(readModel, stop.signal);
    return async () => {
      stop.abort();
      await running;
    };
  }
  const child = fork(import.meta.filename, [REPLAYER, url]);
  await once(child, 'message');
  return async () => {
    const exited = once(child, 'exit');
    child.send('stop');
    await exited;
  };
}

/** Fails when a replay finds a difference: then the numbers would be those of something else. */
async function replayUntil({ runner }: BenchReadModel, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { identical } = await runner.replay();
    if (identical !== true) throw new Error('The replayed rows are not the live ones.');
  }
}

async function replayInThisProcess(url: string): Promise<void> {
  const store = await PostgresEventStore.open({ url });
  const readModel = await openBenchReadModel(url, store);
  // The live tables are the other process's business.
  await readModel.runner.stop();
  const stop = new AbortController();
  process.once('message', () => stop.abort());
  process.send?.('ready');
  await replayUntil(readModel, stop.signal);
  await readModel.close();
  await store.close();
  process.disconnect();
}

/** Each is one durable append and the wait until the read model shows it; its time runs from when it was due. */
async function commands(store: PostgresEventStore, { runner }: BenchReadModel, forMs: number): Promise<Latency> {
  const latenciesMs: number[] = [];
  const startedAtMs = performance.now();
  const under: Promise<void>[] = [];
  for (let sent = 0; ; sent += 1) {
    const dueAtMs = startedAtMs + (sent * 1_000) / COMMANDS_PER_SECOND;
    if (dueAtMs - startedAtMs >= forMs) break;
    const leftMs = dueAtMs - performance.now();
    if (leftMs > 0) await pause(leftMs);
    under.push(
      appendOne(store)
        .then((position) => runner.waitFor(position, 60_000))
        .then(() => void latenciesMs.push(performance.now() - dueAtMs)),
    );
  }
  await Promise.all(under);
  const sorted = latenciesMs.sort((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

function print(measured: ReadonlyMap<Neighbour, readonly Latency[]>): void {
  const events = EVENTS.toLocaleString('en');
  process.stdout.write(`${COMMANDS_PER_SECOND} commands/s beside a replay of ${events} events; ${ROUNDS} interleaved rounds, ${availableParallelism()} cores\n`);
  process.stdout.write(`${'beside'.padEnd(32)}${'p50 ms'.padStart(8)}${'p99 ms'.padStart(8)}   p99 against nothing [min-max]\n`);
  const alone = measured.get('nothing') ?? [];
  const ratiosOf = (latencies: readonly Latency[]): number[] => latencies.map(({ p99Ms }, round) => p99Ms / (alone[round]?.p99Ms ?? Number.NaN));
  for (const [neighbour, latencies] of measured) {
    const ratios = ratiosOf(latencies);
    const [p50Ms, p99Ms] = [median(latencies.map((latency) => latency.p50Ms)), median(latencies.map((latency) => latency.p99Ms))];
    const spread = neighbour === 'nothing' ? '' : `${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}]`;
    process.stdout.write(`${neighbour.padEnd(32)}${p50Ms.toFixed(1).padStart(8)}${p99Ms.toFixed(1).padStart(8)}   ${spread}\n`);
  }
  if (!wantsJson()) return;
  const p99Of = (neighbour: Neighbour): number => median(ratiosOf(measured.get(neighbour) ?? []));
  printResult('replay-load', { p99BesideReplay: p99Of('a replay in another process'), p99WithReplayInside: p99Of('a replay in the same process') });
}

const replayerAt = process.argv.indexOf(REPLAYER);
if (replayerAt < 0) await measureReplayLoad();
else await replayInThisProcess(process.argv[replayerAt + 1] ?? '');
