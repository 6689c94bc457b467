import { METRICS_PER_RUN } from './populate.js';
import type { Side } from './side.js';

/** What is there on one side before the clock runs. */
export interface Fixtures {
  readonly experimentId: string;
  /** Experiments with so many runs. */
  readonly runs10k: string;
  readonly runs100k: string;
  /** A run with parameters, metrics and tags. */
  readonly knownRun: string;
  /** A run with HISTORY_POINTS points of the metric `loss`. */
  readonly longRun: string;
  /** Runs to log into, one for each caller. */
  readonly openRuns: readonly string[];
}

export interface Operation {
  readonly key: string;
  readonly does: string;
  readonly callers: number;
  /** Sends one request; `call` is a number that no other call of this side has had. */
  readonly run: (side: Side, fixtures: Fixtures, caller: number, call: number) => Promise<unknown>;
}

export const HISTORY_POINTS = 25_000;
const POINTS_PER_BATCH = 1_000;
const NOW_MS = 1_700_000_000_000;
/** Clients that write at once: a server of many teams, whose training jobs all report. Batches of 1,000 points keep fewer clients waiting. */
const WRITERS = 64;
const BULK_WRITERS = 16;
const READERS = 8;
const HISTORY_READERS = 2;

const search = (experimentId: string): object => ({
  experiment_ids: [experimentId], filter: "metrics.m1 > 0.5 and params.p1 = 'v3'", order_by: ['metrics.m2 DESC'], max_results: 100,
});

export const operations: readonly Operation[] = [
  {
    key: 'createRun', does: 'runs/create', callers: WRITERS,
    run: (side, { experimentId }, _, call) => side.send('POST', 'runs/create', { experiment_id: experimentId, start_time: NOW_MS + call, run_name: `run ${call}` }),
  },
  {
    key: 'logMetric', does: 'runs/log-metric', callers: WRITERS,
    run: (side, { openRuns }, caller, call) => side.send('POST', 'runs/log-metric', { run_id: openRuns[caller], key: 'loss', value: call, timestamp: NOW_MS + call, step: call }),
  },
  ...([1, 100, 1_000] as const).map((points): Operation => ({
    key: `logBatch${points}`, does: `runs/log-batch, ${points} ${points === 1 ? 'point' : 'points of 10 metrics'}`, callers: points === POINTS_PER_BATCH ? BULK_WRITERS : WRITERS,
    run: (side, { openRuns }, caller, call) => side.send('POST', 'runs/log-batch', { run_id: openRuns[caller], metrics: batch(points, call) }),
  })),
  { key: 'getRun', does: 'runs/get', callers: READERS, run: (side, { knownRun }) => side.send('GET', `runs/get?run_id=${knownRun}`) },
  { key: 'searchRuns10k', does: 'runs/search over 10,000 runs', callers: READERS, run: (side, { runs10k }) => side.send('POST', 'runs/search', search(runs10k)) },
  { key: 'searchRuns100k', does: 'runs/search over 100,000 runs', callers: READERS, run: (side, { runs100k }) => side.send('POST', 'runs/search', search(runs100k)) },
  {
    key: 'metricHistory', does: `metrics/get-history, ${HISTORY_POINTS.toLocaleString('en')} points`, callers: HISTORY_READERS,
    run: (side, { longRun }) => side.send('GET', `metrics/get-history?run_id=${longRun}&metric_key=loss&max_results=${HISTORY_POINTS}`),
  },
];

function batch(points: number, call: number): object[] {
  return Array.from({ length: points }, (_, index) => {
    const step = call * POINTS_PER_BATCH + Math.floor(index / 10);
    return { key: `metric${index % 10}`, value: Math.sin(step + index), timestamp: NOW_MS + step, step };
  });
}

/** Makes what the operations need over the API itself, but for the many runs, which `populate` puts there. */
export async function prepare(side: Side, populate: (experimentId: string, runs: number) => Promise<string>, runs: readonly [number, number]): Promise<Fixtures> {
  const experiment = async (name: string): Promise<string> => field(await side.send('POST', 'experiments/create', { name }), 'experiment_id');
  const run = async (experimentId: string): Promise<string> => {
    const answer = await side.send('POST', 'runs/create', { experiment_id: experimentId, start_time: NOW_MS });
    return field(answer, 'run_id');
  };
  const experimentId = await experiment(`bench ${side.name}`);
  const [runs10k, runs100k] = [await experiment(`bench many ${side.name}`), await experiment(`bench most ${side.name}`)];
  const knownRun = await populate(runs10k, runs[0]);
  await populate(runs100k, runs[1]);
  const longRun = await run(experimentId);
  for (let first = 0; first < HISTORY_POINTS; first += POINTS_PER_BATCH) {
    const steps = Array.from({ length: POINTS_PER_BATCH }, (_, index) => first + index);
    const metrics = steps.map((step) => ({ key: 'loss', value: 1 / (step + 1), timestamp: NOW_MS + step, step }));
    await side.send('POST', 'runs/log-batch', { run_id: longRun, metrics });
  }
  const openRuns: string[] = [];
  for (const { callers } of operations) while (openRuns.length < callers) openRuns.push(await run(experimentId));
  return { experimentId, runs10k, runs100k, knownRun, longRun, openRuns };
}

/** What both sides must agree on before they are compared: a faster wrong answer is none. Throws when they do not. */
export async function demandSameAnswers(sides: readonly (readonly [Side, Fixtures])[]): Promise<void> {
  const answers = await Promise.all(
    sides.map(async ([side, fixtures]) => {
      const found = JSON.parse(await side.send('POST', 'runs/search', search(fixtures.runs100k))) as { runs?: { info: { run_name: string } }[] };
      const known = JSON.parse(await side.send('GET', `runs/get?run_id=${fixtures.knownRun}`)) as { run: { data: { metrics: unknown[] } } };
      const history = JSON.parse(await side.send('GET', `metrics/get-history?run_id=${fixtures.longRun}&metric_key=loss&max_results=${HISTORY_POINTS}`)) as { metrics: unknown[] };
      if (known.run.data.metrics.length !== METRICS_PER_RUN) throw new Error(`${side.name} lacks metrics of a run.`);
      return JSON.stringify({ runs: found.runs?.map(({ info }) => info.run_name), points: history.metrics.length });
    }),
  );
  if (new Set(answers).size !== 1) throw new Error(`The servers do not find the same runs: ${answers.map((answer) => answer.slice(0, 200)).join(' against ')}`);
}

function field(answer: string, name: string): string {
  const [, value] = new RegExp(`"${name}":\\s*"([^"]+)"`).exec(answer) ?? [];
  if (value === undefined) throw new Error(`No ${name} in ${answer.slice(0, 200)}`);
  return value;
}
