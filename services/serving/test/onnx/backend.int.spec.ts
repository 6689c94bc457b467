import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcClient } from '../grpc/grpc-client.js';
import { startServing, type Serving } from '../support/serving.js';
import { askCairn, askDirectly, backendFolder, type DirectOutcomes } from './backend-run.js';
import { DirectRuntime } from './direct-runtime.js';
import { ENCODINGS, type Encoding } from './encodings.js';
import { LEFT_OUT, NOT_PASSED_BY_ONNX_RUNTIME, REFUSED_BY_CAIRN } from './known-failures.js';
import { surprises, type Outcomes } from './surprises.js';

/** Thousands of questions, on a machine that may have much else to do. */
const TIMEOUT_MS = 600_000;
const CASES = 1_072;

const leftOut = new Set(LEFT_OUT.flatMap(({ cases }) => cases));
const direct = new DirectRuntime();
let serving: Serving;
let client: GrpcClient;
let alone: DirectOutcomes;
let served: ReadonlyMap<Encoding, Outcomes>;

beforeAll(async () => {
  alone = await askDirectly(backendFolder(), leftOut, direct);
  serving = await startServing();
  client = GrpcClient.of(serving);
  served = await askCairn(alone.passed, serving, client);
}, TIMEOUT_MS);

afterAll(async () => {
  direct.close();
  client?.close();
  await serving?.close();
});

describe('ONNX Runtime itself', () => {
  it('passes every backend case of ONNX but those that are known, for the reasons that are known', () => {
    expect(alone.problems.size + leftOut.size).toBe(CASES);
    expect(surprises(alone.problems, NOT_PASSED_BY_ONNX_RUNTIME)).toEqual([]);
  });
});

describe('Cairn', () => {
  it.each(ENCODINGS)('gives the very bits of ONNX Runtime for every case that it passes, asked in %s, but for refusals that are known', (encoding) => {
    const outcomes = served.get(encoding) ?? new Map();
    expect(outcomes.size).toBe(alone.passed.length);
    expect(surprises(outcomes, REFUSED_BY_CAIRN.filter(({ encodings }) => encodings.includes(encoding)))).toEqual([]);
  });
});
