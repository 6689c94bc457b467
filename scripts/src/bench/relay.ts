import 'reflect-metadata';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startNats, startPostgres } from '@cairn/embedded';
import { PostgresEventStore, type NewEvent } from '@cairn/event-store';
import { newId } from '@cairn/kernel';
import { NatsLink, Relay, soleHolder } from '@cairn/messaging';
import { pino } from 'pino';
import { median, percentile, printResult, wantsJson } from './measure.js';
import type { HandledReport } from './relay-handler.js';

const EVENTS_PER_SECOND = 500;
const WARM_UP_MS = 2_000;
const ROUNDS = 5;
const ROUND_MS = 3_000;
const HANDLING_DEADLINE_MS = 30_000;
const TARGET_P99_MS = 25;
const PADDING = 'x'.repeat(350);
const logger = pino({ level: 'warn' });

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Round {
  /** Until the append is durable: what nothing behind it can be faster than. */
  readonly append: Latency;
  readonly handled: Latency;
}

/**
 * From the call of `append` to the moment that a handler in another process has the event: PostgreSQL with fsync, the relay in the
 * writer's process as in a service, nats-server, a durable consumer. Events are sent by the clock, whatever became of the last one.
 */
async function measureRelay(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-bench-relay-'));
  const [postgres, nats] = await Promise.all([startPostgres({ dataDir: join(directory, 'postgres') }), startNats({ dataDir: join(directory, 'nats') })]);
  const store = await PostgresEventStore.open({ url: postgres.url });
  const link = new NatsLink({ url: nats.url, name: 'bench', logger });
  const relay = new Relay({ store, link, lease: soleHolder, logger });
  const handler = fork(fileURLToPath(new URL('relay-handler.js', import.meta.url)), [nats.url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    relay.start();
    await once(handler, 'message');
    await collect(handler, (await sendByTheClock(store, WARM_UP_MS)).length);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measureRound(store, handler));
    print(rounds);
  } finally {
    handler.kill();
    await relay.stop();
    await link.close();
    await store.close();
    await Promise.all([postgres.stop(), nats.stop()]);
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureRound(store: PostgresEventStore, handler: ChildProcess): Promise<Round> {
  const appendsMs = await sendByTheClock(store, ROUND_MS);
  const { latenciesMs } = await collect(handler, appendsMs.length);
  return { append: latencyOf(appendsMs), handled: latencyOf(latenciesMs) };
}

function latencyOf(latenciesMs: readonly number[]): Latency {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

function print(rounds: readonly Round[]): void {
  const medianOf = (latencies: readonly Latency[]): Latency => ({
    p50Ms: median(latencies.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(latencies.map(({ p99Ms }) => p99Ms)),
  });
  const append = medianOf(rounds.map((round) => round.append));
  const handled = medianOf(rounds.map((round) => round.handled));
  const p99s = rounds.map((round) => round.handled.p99Ms);
  process.stdout.write(
    `Append to handled in another process, ${EVENTS_PER_SECOND} events/s; ${ROUNDS} rounds, ${availableParallelism()} cores\n` +
      `append   p50 ${append.p50Ms.toFixed(1)} ms   p99 ${append.p99Ms.toFixed(1)} ms\n` +
      `handled  p50 ${handled.p50Ms.toFixed(1)} ms   p99 ${handled.p99Ms.toFixed(1)} ms [${Math.min(...p99s).toFixed(1)}-${Math.max(...p99s).toFixed(1)}]` +
      `  (under ${TARGET_P99_MS} ms)\n`,
  );
  if (wantsJson()) printResult('relay', { p50Ms: handled.p50Ms, p99Ms: handled.p99Ms });
}

/** Answers how long each append took, in milliseconds. */
async function sendByTheClock(store: PostgresEventStore, forMs: number): Promise<number[]> {
  const appends: Promise<number>[] = [];
  const startedAtMs = performance.now();
  for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs = performance.now() - startedAtMs) {
    while (appends.length < (elapsedMs * EVENTS_PER_SECOND) / 1_000) appends.push(appendOne(store));
    await delay(1);
  }
  return Promise.all(appends);
}

async function appendOne(store: PostgresEventStore): Promise<number> {
  const sentAtMs = performance.now();
  const event: NewEvent = {
    id: newId(),
    type: 'cairn.tracking.v1.ExperimentNameClaimed',
    // The monotonic clock is the same one in all processes of a machine.
    data: { name: `${process.hrtime.bigint()} ${PADDING}`, experimentId: newId() },
    meta: { source: '/bench', workspace: 'default', actor: { principal: 'bench' }, correlationId: newId() },
  };
  await store.append([{ stream: `experiment-name-${newId()}`, expected: 'none', events: [event] }]);
  return performance.now() - sentAtMs;
}

/** What the handler has seen since it was last asked; waits until that is at least `atLeast`. */
async function collect(handler: ChildProcess, atLeast: number): Promise<HandledReport> {
  handler.send({ atLeast });
  const [report] = (await once(handler, 'message', { signal: AbortSignal.timeout(HANDLING_DEADLINE_MS) })) as [HandledReport];
  return report;
}

await measureRelay();
