import { afterAll, beforeAll, expect, it } from 'vitest';
import { logistic } from './support/onnx-model.js';
import { MODEL, startServing, type Serving } from './support/serving.js';

/** `CAIRN_SOAK_REQUESTS=200000` for the length that counts. */
const REQUESTS = Number(process.env['CAIRN_SOAK_REQUESTS'] ?? 4_000);
const CALLERS = 32;
const KILLS = Math.max(4, Math.floor(REQUESTS / 20_000));
const TIMEOUT_MS = Math.max(60_000, REQUESTS * 5);

let serving: Serving;

beforeAll(async () => {
  serving = await startServing();
  await serving.deploy('soaked', 2);
  await serving.complete('soaked', await serving.rollOut('soaked', await serving.version(), { canary_weight: 0.5 }));
});

afterAll(() => serving.close());

it('gives the right answer or 503 to every request, whoever shares its run, while one worker after the other is lost', async () => {
  const counts = { right: 0, refused: 0, wrong: 0 };
  let sent = 0;
  const ask = async (index: number): Promise<void> => {
    const row = [Math.fround(Math.sin(index) * 4), Math.fround(Math.cos(index) * 4)];
    const { status, body } = await serving.infer('soaked', [row], { id: String(index) });
    const isRight = status === 200 && body.id === String(index) && Math.abs(body.outputs[0].data[0] - logistic(MODEL, row)) < 1e-6;
    if (isRight) counts.right += 1;
    else if (status === 503) counts.refused += 1;
    else counts.wrong += 1;
  };
  const killAt = new Set(Array.from({ length: KILLS }, (_, kill) => Math.floor(((kill + 1) * REQUESTS) / (KILLS + 1))));
  const caller = async (): Promise<void> => {
    for (let index = sent++; index < REQUESTS; index = sent++) {
      // Where the last one died a moment ago nobody may be ready: then there is nobody to lose.
      if (killAt.has(index)) await serving.killReplica('soaked').catch(() => undefined);
      await ask(index);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  expect(counts.wrong).toBe(0);
  expect(counts.right + counts.refused).toBe(REQUESTS);
  expect(counts.right).toBeGreaterThan(REQUESTS / 2);
}, TIMEOUT_MS);
