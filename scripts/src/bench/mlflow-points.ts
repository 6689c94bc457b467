import 'reflect-metadata';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { interleave, printResult, printTable, ratio, wantsJson, type Measured } from './measure.js';
import type { CairnReady } from './cairn-process.js';
import { openSide, type Side } from './mlflow/side.js';

const ROUNDS = 5;
const ROUND_MS = 1_000;
const PER_BATCH = 1_000;
const CLIENTS = 4;
const SHORT = 25_000;
const PAGE = 10_000;
/** A question about the long run may take three times as long as one about the short one. */
const TARGET = 1 / 3;
const points = Number(process.argv.find((argument) => argument.startsWith('--points='))?.slice('--points='.length) ?? 10_000_000);

/**
 * Whether a run with ten million points of one metric stays usable: a page in the middle of its history, a sample for a plot, and the search by its latest metric, each
 * against the same question about a run with 25,000 points, in the same service.
 */
async function measurePoints(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-points-'));
  const child = fork(new URL('./cairn-process.js', import.meta.url), [join(folder, 'cairn'), 'experiment-tracking']);
  try {
    const [{ tracking, database }] = (await once(child, 'message')) as [CairnReady];
    const side = openSide('cairn', tracking);
    const [short, long] = [await runWith(side, 'short', SHORT), await runWith(side, 'long', points)];
    await sayWhatTheyTake(database);
    const asked = { page: pageOf, sample: sampleOf, search: searchFor };
    const ratios: Record<string, number> = {};
    for (const [name, ask] of Object.entries(asked)) {
      const contestant = (run: Filled) => ({ name: `${name}, ${run.points.toLocaleString('en')} points`, run: (forMs: number) => repeat(() => ask(side, run), forMs) });
      const [ofLong, ofShort] = (await interleave([contestant(long), contestant(short)], ROUNDS, ROUND_MS)) as [Measured, Measured];
      printTable(`A run with very many points: ${name}`, 'requests', [ofLong, ofShort], { [ofShort.name]: TARGET });
      ratios[name] = ratio(ofLong, ofShort);
    }
    if (wantsJson()) printResult('mlflow-points', ratios);
    side.close();
  } finally {
    if (child.exitCode === null) {
      child.disconnect();
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Filled {
  readonly experimentId: string;
  readonly runId: string;
  readonly points: number;
  /** Token of a page in the middle of the history. */
  readonly middle: string;
}

async function runWith(side: Side, name: string, count: number): Promise<Filled> {
  const { experiment_id: experimentId } = JSON.parse(await side.send('POST', 'experiments/create', { name })) as { experiment_id: string };
  const created = JSON.parse(await side.send('POST', 'runs/create', { experiment_id: experimentId, start_time: 1 })) as { run: { info: { run_id: string } } };
  const runId = created.run.info.run_id;
  const startedAtMs = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) {
      const first = next;
      next += PER_BATCH;
      const steps = Array.from({ length: Math.min(PER_BATCH, count - first) }, (_, index) => first + index);
      const metrics = steps.map((step) => ({ key: 'loss', value: 1 / (step + 1), timestamp: step, step }));
      await side.send('POST', 'runs/log-batch', { run_id: runId, metrics });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const perSecond = Math.round(count / ((performance.now() - startedAtMs) / 1_000));
  process.stdout.write(`${name}: ${count.toLocaleString('en')} points of one metric logged, ${perSecond.toLocaleString('en')} a second\n`);
  // As the service gives them out: time, step and value of the last point that was seen, and where the chunks begin that follow.
  const at = String(Math.floor(count / 2));
  const middle = Buffer.from(JSON.stringify([at, at, '0', at, at])).toString('base64url');
  return { experimentId, runId, points: count, middle };
}

async function pageOf(side: Side, { runId, middle }: Filled): Promise<void> {
  const answer = await side.send('GET', `metrics/get-history?run_id=${runId}&metric_key=loss&max_results=${PAGE}&page_token=${middle}`);
  if (!answer.includes('"metrics"')) throw new Error(`No points in the middle: ${answer.slice(0, 200)}`);
}

async function sampleOf(side: Side, { runId }: Filled): Promise<void> {
  const answer = await side.send('GET', `metrics/get-history-bulk-interval?run_ids=${runId}&metric_key=loss&max_results=320`);
  if (!answer.includes('"metrics"')) throw new Error(`No sample: ${answer.slice(0, 200)}`);
}

async function searchFor(side: Side, { experimentId }: Filled): Promise<void> {
  const answer = await side.send('POST', 'runs/search', { experiment_ids: [experimentId], filter: 'metrics.loss < 1', order_by: ['metrics.loss ASC'] });
  if (!answer.includes('"runs"')) throw new Error(`The run was not found: ${answer.slice(0, 200)}`);
}

async function repeat(ask: () => Promise<void>, forMs: number): Promise<number> {
  const startedAtMs = performance.now();
  let done = 0;
  do {
    await ask();
    done += 1;
  } while (performance.now() - startedAtMs < forMs);
  return done;
}

async function sayWhatTheyTake(database: string): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    const { rows } = await client.query<{ chunks: string; log: string }>(
      `SELECT (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE c.relname ~ '^metric_chunk_[0-9]+$') AS chunks, pg_total_relation_size('event_store.events') AS log`,
    );
    const perPoint = (bytes: string | undefined): string => (Number(bytes ?? Number.NaN) / (points + SHORT)).toFixed(0);
    process.stdout.write(`bytes a point: ${perPoint(rows[0]?.chunks)} in the table of points, ${perPoint(rows[0]?.log)} in the log\n`);
  } finally {
    await client.end();
  }
}

await measurePoints();
