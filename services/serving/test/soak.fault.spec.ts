import { waitUntil } from '@cairn/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GrpcClient } from './grpc/grpc-client.js';
import { logistic } from './support/onnx-model.js';
import { rowCallers } from './support/row-callers.js';
import { MODEL, startServing, type Serving } from './support/serving.js';

/** The length that counts is `CAIRN_SOAK_REQUESTS=200000 CAIRN_SOAK_KILL_SECONDS=10`. Without the latter as many are killed over the length of the soak, however long it takes. */
const REQUESTS = Number(process.env['CAIRN_SOAK_REQUESTS'] ?? 4_000);
const KILL_EVERY_MS = Number(process.env['CAIRN_SOAK_KILL_SECONDS'] ?? 0) * 1_000;
const KILL_EVERY_REQUESTS = REQUESTS / (Math.max(4, Math.floor(REQUESTS / 20_000)) + 1);
const CALLERS = 32;
const REPLICAS = 2;
const MAX_ROWS = 8;
const TIMEOUT_MS = Math.max(120_000, REQUESTS * 10);

const counts = { right: 0, unavailable: 0, killed: 0, rows: 0 };
const wrong: string[] = [];
let serving: Serving;
let client: GrpcClient;

beforeAll(async () => {
  serving = await startServing();
  client = GrpcClient.of(serving);
  await serving.deploy('soaked', REPLICAS);
  await serving.complete('soaked', await serving.rollOut('soaked', await serving.version(), { canary_weight: 0.5 }));
});

afterAll(async () => {
  client?.close();
  await serving?.close();
});

/** No two requests ask the same, so that nobody else's answer is taken for their own. */
function rowsOf(index: number): number[][] {
  return Array.from({ length: 1 + (index % MAX_ROWS) }, (_, row) => [Math.fround(Math.sin(index + row / 10) * 4), Math.fround(Math.cos(index * 3 + row) * 4)]);
}

it('gives the right answer or 503 to every request, whoever shares its run, while one worker after the other is lost', async () => {
  const callers = Object.entries(rowCallers(serving, client));
  let sent = 0;
  let nextKill = KILL_EVERY_MS > 0 ? performance.now() + KILL_EVERY_MS : KILL_EVERY_REQUESTS;
  let killing = Promise.resolve();
  const over = new AbortController();
  /** One after the other: two that die at once leave nobody, which is another test. Where nobody is ready, there is nobody to lose. */
  const killWhenDue = (): void => {
    const now = KILL_EVERY_MS > 0 ? performance.now() : sent;
    if (now < nextKill) return;
    nextKill += KILL_EVERY_MS > 0 ? KILL_EVERY_MS : KILL_EVERY_REQUESTS;
    killing = killing.then(() => serving.killBusyReplica('soaked', counts.killed, over.signal)).then(() => void (counts.killed += 1), () => undefined);
  };
  const ask = async (index: number): Promise<void> => {
    const [transport = '', call] = callers[index % callers.length] ?? [];
    const rows = rowsOf(index);
    const answer = await call?.('soaked', String(index), rows).catch((error: Error) => error.message);
    if (answer === 'unavailable') {
      counts.unavailable += 1;
      // As a client would: refusals cost next to nothing, and the rest of the soak would be refused before anybody is back.
      await waitUntil('a replica is ready', async () => (await serving.fetchJson('GET', '/v2/models/soaked/ready')).status === 200);
    } else if (typeof answer === 'object' && answer.id === String(index) && isRight(rows, answer.values)) {
      counts.right += 1;
      counts.rows += rows.length;
    } else wrong.push(`${transport} ${index}: ${JSON.stringify(answer)}`);
  };
  const caller = async (): Promise<void> => {
    for (let index = sent++; index < REQUESTS; index = sent++) {
      killWhenDue();
      await ask(index);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  over.abort();
  await killing;
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  if (KILL_EVERY_MS > 0) process.stdout.write(`${JSON.stringify({ ...counts, wrong: wrong.length, seconds, runs: await runsOf() })}\n`);

  expect(wrong.slice(0, 20)).toEqual([]);
  expect(counts.right + counts.unavailable).toBe(REQUESTS);
  expect(counts.right).toBeGreaterThan(REQUESTS / 2);
  expect(counts.killed).toBeGreaterThan(0);
}, TIMEOUT_MS);

it('has shared runs, and has all its replicas back', async () => {
  expect(await runsOf()).toBeLessThan(counts.right);
  await waitUntil('every replica is ready', async () => (await serving.fetchJson('GET', '/serving/v1/deployments/soaked')).body.live.ready_replicas === REPLICAS);
  expect((await serving.infer('soaked', [[1, 2]])).status).toBe(200);
});

function isRight(rows: readonly (readonly number[])[], values: readonly number[]): boolean {
  return values.length === rows.length && rows.every((row, index) => Math.abs((values[index] ?? Number.NaN) - logistic(MODEL, row)) < 1e-6);
}

/** Of the model since it was rolled out. */
async function runsOf(): Promise<number> {
  const { body } = await serving.fetchJson('GET', '/v2/models/soaked/versions/1/stats');
  return Number(body.model_stats[0].execution_count);
}
