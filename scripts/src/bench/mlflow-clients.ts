import 'reflect-metadata';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentile, printResult, wantsJson } from './measure.js';
import type { CairnHealth, CairnReady } from './cairn-process.js';
import { openSide, type Side } from './mlflow/side.js';

const CLIENTS = 100;
const METRICS = ['loss', 'auc'];
const STEPS_PER_BATCH = 10;
const HISTORY_PAGE = 25_000;
/** A process that has just started still grows into its work. */
const SETTLED_SHARE = 0.2;
const minutes = Number(process.argv.find((argument) => argument.startsWith('--minutes='))?.slice('--minutes='.length) ?? 1);

interface Load {
  /** Batches that were acknowledged, of each client. */
  readonly batches: readonly number[];
  readonly latenciesMs: number[];
  readonly health: readonly CairnHealth[];
}

/**
 * A hundred clients that log at once into runs of their own, against the tracking service in a process of its own: what was acknowledged is counted afterwards, and the
 * process's memory and the gaps of its event loop are looked at every second. `--minutes=10` for the length that counts.
 */
async function measureClients(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-clients-'));
  const child = fork(new URL('./cairn-process.js', import.meta.url), [join(folder, 'cairn'), 'experiment-tracking']);
  try {
    const [{ tracking }] = (await once(child, 'message')) as [CairnReady];
    const side = openSide('cairn', tracking);
    const runs = await openRuns(side);
    const load = await logForAWhile(side, runs, child);
    print(load, await lostPoints(side, runs, load.batches));
    side.close();
  } finally {
    if (child.exitCode === null) {
      child.disconnect();
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openRuns(side: Side): Promise<string[]> {
  const { experiment_id } = JSON.parse(await side.send('POST', 'experiments/create', { name: 'clients' })) as { experiment_id: string };
  const create = async (): Promise<string> =>
    (JSON.parse(await side.send('POST', 'runs/create', { experiment_id, start_time: 1 })) as { run: { info: { run_id: string } } }).run.info.run_id;
  return Promise.all(Array.from({ length: CLIENTS }, create));
}

async function logForAWhile(side: Side, runs: readonly string[], child: ChildProcess): Promise<Load> {
  const [latenciesMs, health]: [number[], CairnHealth[]] = [[], []];
  const endMs = performance.now() + minutes * 60_000;
  await askHealth(child);
  const looking = setInterval(() => void askHealth(child).then((answer) => health.push(answer)), 1_000);
  const client = async (run_id: string): Promise<number> => {
    let batches = 0;
    for (let sentAtMs = performance.now(); sentAtMs < endMs; sentAtMs = performance.now()) {
      await side.send('POST', 'runs/log-batch', { run_id, metrics: pointsOf(batches) });
      batches += 1;
      latenciesMs.push(performance.now() - sentAtMs);
    }
    return batches;
  };
  const batches = await Promise.all(runs.map(client));
  clearInterval(looking);
  return { batches, latenciesMs: latenciesMs.sort((a, b) => a - b), health };
}

function pointsOf(batch: number): object[] {
  const steps = Array.from({ length: STEPS_PER_BATCH }, (_, index) => batch * STEPS_PER_BATCH + index);
  return steps.flatMap((step) => METRICS.map((key) => ({ key, value: step / 7, timestamp: step, step })));
}

/** Points that were acknowledged and cannot be read back as they were sent. */
async function lostPoints(side: Side, runs: readonly string[], batches: readonly number[]): Promise<number> {
  let lost = 0;
  for (const [index, run] of runs.entries()) {
    const expected = (batches[index] ?? 0) * STEPS_PER_BATCH;
    for (const key of METRICS) {
      let [read, token] = [0, ''];
      do {
        const query = new URLSearchParams({ run_id: run, metric_key: key, max_results: String(HISTORY_PAGE), ...(token !== '' && { page_token: token }) });
        const page = JSON.parse(await side.send('GET', `metrics/get-history?${query}`)) as { metrics?: { value: number; step: number }[]; next_page_token?: string };
        read += (page.metrics ?? []).filter(({ value, step }) => value === step / 7).length;
        token = page.next_page_token ?? '';
      } while (token !== '');
      lost += Math.abs(expected - read);
    }
  }
  return lost;
}

async function askHealth(child: ChildProcess): Promise<CairnHealth> {
  const answer = once(child, 'message') as Promise<[CairnHealth]>;
  child.send('health');
  return (await answer)[0];
}

function print({ batches, latenciesMs, health }: Load, lost: number): void {
  const total = batches.reduce((sum, count) => sum + count, 0);
  const points = total * STEPS_PER_BATCH * METRICS.length;
  const [settled] = [health[Math.floor(health.length * SETTLED_SHARE)]];
  const last = health.at(-1);
  const mebibytes = (bytes: number | undefined): string => ((bytes ?? Number.NaN) / 2 ** 20).toFixed(0);
  const gapsMs = health.map(({ longestGapMs }) => longestGapMs).sort((a, b) => a - b);
  const growth = (last?.residentBytes ?? 0) / (settled?.residentBytes ?? Number.NaN);
  process.stdout.write(`${CLIENTS} clients log at once for ${minutes} min into the tracking service, ${availableParallelism()} cores\n`);
  process.stdout.write(`batches ${Math.round(total / (minutes * 60))}/s of ${STEPS_PER_BATCH * METRICS.length} points, ${points.toLocaleString('en')} points, ${lost} lost\n`);
  process.stdout.write(`latency p50 ${percentile(latenciesMs, 0.5).toFixed(1)} ms, p99 ${percentile(latenciesMs, 0.99).toFixed(1)} ms\n`);
  const change = (before: number | undefined, after: number | undefined): string => `${mebibytes(before)} → ${mebibytes(after)} MiB`;
  process.stdout.write(`resident ${change(settled?.residentBytes, last?.residentBytes)}, heap ${change(settled?.heapBytes, last?.heapBytes)}\n`);
  const gaps = `median ${percentile(gapsMs, 0.5).toFixed(1)} ms, p99 ${percentile(gapsMs, 0.99).toFixed(1)} ms, longest ${gapsMs.at(-1)?.toFixed(1)} ms`;
  process.stdout.write(`longest gap of the event loop in a second: ${gaps}\n`);
  if (wantsJson()) printResult('mlflow-clients', { lost, batchesPerSecond: total / (minutes * 60), residentGrowth: growth, p99GapMs: percentile(gapsMs, 0.99) });
}

await measureClients();
