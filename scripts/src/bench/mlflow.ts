import 'reflect-metadata';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startPostgres } from '@cairn/embedded';
import { pythonWithClients } from '../clients/python-environment.js';
import { interleave, median, percentile, printResult, ratio, wantsJson, type Contestant, type Measured } from './measure.js';
import type { CairnReady } from './cairn-process.js';
import { startMlflowServer, type ServerMode } from './mlflow/mlflow-server.js';
import { demandSameAnswers, operations, prepare, type Fixtures, type Operation } from './mlflow/operations.js';
import { populateCairn, populateMlflow } from './mlflow/populate.js';
import { openSide, type Side } from './mlflow/side.js';

const ROUNDS = 5;
const ROUND_MS = 1_500;
const TARGET = 10;
const MODES: readonly ServerMode[] = ['gunicorn', 'uvicorn'];
/** `--quick` is for a look at the benchmark itself: its figures are not those that count. */
const RUNS: readonly [number, number] = process.argv.includes('--quick') ? [1_000, 2_000] : [10_000, 100_000];
const EVERYTHING = process.argv.includes('--everything');
const repository = resolve(import.meta.dirname, '../../..');

interface Contest {
  readonly side: Side;
  readonly fixtures: Fixtures;
}

interface Outcome {
  readonly operation: Operation;
  readonly cairn: Measured;
  /** Of the two modes of the server, the faster of those that took the load. */
  readonly mlflow: Measured;
  readonly ratio: number;
  readonly p99Ms: ReadonlyMap<string, number>;
}

/**
 * The tracking service as the platform team deploys it, one process of its own, against `mlflow server` in both its modes with four workers each, on the same machine, round by
 * round. Each side has a PostgreSQL of its own. With `--everything` all of Cairn runs in that one process and is asked through its gateway, as after `npm start`.
 */
async function measureMlflow(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-mlflow-'));
  const closing: (() => Promise<unknown> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const cairn = await openCairn(folder, closing);
    const theirs = await openMlflow(folder, closing);
    await demandSameAnswers([cairn, ...theirs.slice(0, 1)].map(({ side, fixtures }) => [side, fixtures] as const));
    const outcomes: Outcome[] = [];
    for (const operation of operations) {
      const outcome = await contest(operation, [cairn, ...theirs]);
      outcomes.push(outcome);
      print(outcome, outcomes.length === 1);
    }
    if (wantsJson()) printResult('mlflow', Object.fromEntries(outcomes.map((outcome) => [outcome.operation.key, outcome.ratio])));
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function openCairn(folder: string, closing: (() => Promise<unknown> | void)[]): Promise<Contest> {
  const child = fork(new URL('./cairn-process.js', import.meta.url), [join(folder, 'cairn'), ...(EVERYTHING ? [] : ['experiment-tracking'])]);
  closing.push(async () => {
    if (child.exitCode !== null) return;
    child.disconnect();
    await once(child, 'exit');
  });
  const [urls] = (await once(child, 'message')) as [CairnReady];
  const side = openSide('cairn', EVERYTHING ? urls.gateway : urls.tracking);
  closing.push(() => side.close());
  say('Filling Cairn …');
  return { side, fixtures: await prepare(side, (experimentId, runs) => populateCairn(urls, experimentId, runs), RUNS) };
}

async function openMlflow(folder: string, closing: (() => Promise<unknown> | void)[]): Promise<Contest[]> {
  const python = await pythonWithClients(join(repository, '.cairn', 'mlflow-server-venv'), join(repository, 'scripts/src/bench/mlflow'));
  const postgres = await startPostgres({ dataDir: join(folder, 'mlflow-postgres') });
  closing.push(() => postgres.stop());
  const sides: Side[] = [];
  for (const mode of MODES) {
    say(`Starting mlflow server (${mode}) …`);
    const ownFolder = join(folder, mode);
    mkdirSync(ownFolder);
    const server = await startMlflowServer(python, { mode, database: postgres.url, folder: ownFolder });
    closing.push(server.stop);
    const side = openSide(`mlflow ${mode}`, server.url, server.said);
    closing.push(() => side.close());
    sides.push(side);
  }
  say('Filling MLflow …');
  const contests: Contest[] = [];
  // Both modes serve the same database, and share the many runs; each logs into runs of its own.
  const filled = new Map<number, { experimentId: string; known: string }>();
  for (const side of sides) {
    const populate = async (experimentId: string, runs: number): Promise<string> => {
      const known = filled.get(runs)?.known ?? (await populateMlflow(postgres.url, experimentId, runs));
      if (!filled.has(runs)) filled.set(runs, { experimentId, known });
      return known;
    };
    const fixtures = await prepare(side, populate, RUNS);
    const [runs10k, runs100k] = RUNS.map((runs) => filled.get(runs)?.experimentId ?? '');
    contests.push({ side, fixtures: { ...fixtures, runs10k: runs10k ?? '', runs100k: runs100k ?? '' } });
  }
  return contests;
}

async function contest(operation: Operation, contests: readonly Contest[]): Promise<Outcome> {
  const latencies = new Map<string, number[]>();
  const failed = new Set<string>();
  const contestants = contests.map((one, index): Contestant => {
    const own: number[] = [];
    const { name } = one.side;
    latencies.set(name, own);
    const giveUp = (error: unknown): number => {
      if (index === 0) throw error;
      say(`${operation.key}: ${name} does not take the load and is left out: ${String(error).slice(0, 400)}`);
      failed.add(name);
      return 0;
    };
    return { name, run: async (forMs) => (failed.has(name) ? 0 : underLoad(operation, one, forMs, own).catch(giveUp)) };
  });
  const [cairn, ...theirs] = await interleave(contestants, ROUNDS, ROUND_MS);
  const [mlflow] = theirs.filter(({ name }) => !failed.has(name)).sort((a, b) => median(b.perSecond) - median(a.perSecond));
  if (cairn === undefined || mlflow === undefined) throw new Error('Nothing was measured.');
  const p99Ms = new Map([...latencies].map(([name, own]) => [name, percentile(own.sort((a, b) => a - b), 0.99)]));
  return { operation, cairn, mlflow, ratio: ratio(cairn, mlflow), p99Ms };
}

let calls = 0;

/** So many callers, each of which asks again as soon as it is answered; each asks once at least. */
async function underLoad({ callers, run }: Operation, { side, fixtures }: Contest, forMs: number, latenciesMs: number[]): Promise<number> {
  const startedAtMs = performance.now();
  let answered = 0;
  const caller = async (index: number): Promise<void> => {
    do {
      const sentAtMs = performance.now();
      calls += 1;
      await run(side, fixtures, index, calls);
      answered += 1;
      latenciesMs.push(performance.now() - sentAtMs);
    } while (performance.now() - startedAtMs < forMs);
  };
  const ended = await Promise.allSettled(Array.from({ length: callers }, (_, index) => caller(index)));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return answered;
}

function print({ operation, cairn, mlflow, ratio: times, p99Ms }: Outcome, first: boolean): void {
  if (first) {
    process.stdout.write("MLflow's REST API: requests per second and p99, Cairn against the faster mode of mlflow server; ");
    process.stdout.write(`${ROUNDS} interleaved rounds, ${availableParallelism()} cores\n`);
  }
  const side = ({ name, perSecond }: Measured): string => `${name} ${median(perSecond).toFixed(1)}/s (p99 ${(p99Ms.get(name) ?? Number.NaN).toFixed(0)} ms)`;
  const { key, does, callers } = operation;
  process.stdout.write(`${key.padEnd(15)} ${times.toFixed(1).padStart(7)} × (at least ${TARGET})   ${side(cairn)}, ${side(mlflow)}; ${does}, ${callers} at once\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await measureMlflow();
