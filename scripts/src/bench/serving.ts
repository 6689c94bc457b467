import 'reflect-metadata';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import type { CairnReady } from './cairn-process.js';
import { interleave, median, percentile, printResult, ratio, wantsJson, type Contestant } from './measure.js';
import { deploy, zeros } from './serving/deploy.js';
import type { FloorGap, FloorReady } from './serving/floor-process.js';
import { GrpcConnection, inferMessage } from './serving/grpc-client.js';
import { startReplica, type BenchReplica } from './serving/replica-process.js';
import { benchModels, type BenchModel } from './serving/models.js';

const QUICK = process.argv.includes('--quick');
const ROUNDS = QUICK ? 1 : 3;
const ROUND_MS = 1_500;
const CONNECTIONS = QUICK ? [32] : [1, 8, 32, 128];
/** What the ratios that count are taken at. */
const COUNTED = { model: 'small', connections: 32 };
const TOLERANCE = 1e-5;

type Encoding = 'json' | 'binary' | 'grpc';

interface Encoded {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A server and the name that a model has there. */
interface Target {
  readonly name: string;
  readonly url: string;
  /** Host and port. */
  readonly grpc: string;
  readonly model: string;
}

/** Sends one request and throws when it is not answered as it has to be. */
type Send = () => Promise<void>;

/** Connections that each send their next request when the last one is answered. */
interface Connections {
  readonly sends: readonly Send[];
  readonly close: () => Promise<void>;
}

interface Outcome {
  readonly withBatching: number;
  readonly withoutBatching: number;
  readonly p99Ms: number;
}

/**
 * Requests per second of one row each: a replica, which is a process of its own, with everything that it does beside the answer, against a bare handler of Fastify
 * (for gRPC of @grpc/grpc-js) and ONNX Runtime in another, on the same machine, round by round. The client shares the processors.
 */
async function measureServing(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-serving-'));
  const children: ChildProcess[] = [];
  const start = async <Ready>(path: string, args: readonly string[]): Promise<readonly [Ready, ChildProcess]> => {
    const child = fork(new URL(path, import.meta.url), args);
    children.push(child);
    const [ready] = (await once(child, 'message')) as [Ready];
    return [ready, child];
  };
  let replica: BenchReplica | undefined;
  try {
    const models = benchModels().filter(({ name }) => !QUICK || name === COUNTED.model);
    const files = models.map(({ name, onnx }) => {
      const path = join(folder, `${name}.onnx`);
      writeFileSync(path, onnx);
      return path;
    });
    const [floor, floorProcess] = await start<FloorReady>('./serving/floor-process.js', files);
    const [cairn] = await start<CairnReady>('./cairn-process.js', [join(folder, 'cairn'), 'serving']);
    for (const model of models) await deploy(cairn, model, await goldenOf(floor.http, model), [{ name: model.name }, { name: `${model.name}-alone`, batching: { max_rows: 1 } }]);
    replica = await startReplica(cairn, join(folder, 'replica'), models.flatMap(({ name }) => [name, `${name}-alone`]));
    await Promise.all([replica.longestGapMs(), gapOf(floorProcess)]);
    process.stdout.write(`With batching, without, and the bare handler: medians of ${ROUNDS} interleaved rounds, ${availableParallelism()} cores\n`);
    const outcomes = new Map<string, Outcome>();
    for (const model of models) {
      for (const encoding of ['json', 'binary', 'grpc'] as const) {
        for (const connections of CONNECTIONS) {
          const outcome = await contest(model, encoding, connections, replica, { url: floor.http, grpc: floor.grpc });
          outcomes.set(`${encoding} ${model.name} ${connections}`, outcome);
        }
      }
    }
    const [longestGapMs, floorGapMs] = await Promise.all([replica.longestGapMs(), gapOf(floorProcess)]);
    process.stdout.write(`longest gap of the event loop of the replica: ${longestGapMs.toFixed(1)} ms, of the bare handler: ${floorGapMs.toFixed(1)} ms\n`);
    const counted = (encoding: Encoding): Outcome | undefined => outcomes.get(`${encoding} ${COUNTED.model} ${COUNTED.connections}`);
    if (wantsJson()) {
      printResult('serving', {
        jsonC32WithoutBatching: counted('json')?.withoutBatching ?? Number.NaN,
        jsonC32VsBatchlessFloor: counted('json')?.withBatching ?? Number.NaN,
        binaryC32VsBatchlessFloor: counted('binary')?.withBatching ?? Number.NaN,
        grpcC32VsBatchlessFloor: counted('grpc')?.withBatching ?? Number.NaN,
        p99Ms: counted('json')?.p99Ms ?? Number.NaN,
        eventLoopGapMs: longestGapMs,
      });
    }
  } finally {
    await replica?.close();
    for (const child of children.filter(({ exitCode }) => exitCode === null)) {
      child.disconnect();
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

type Address = Pick<Target, 'url' | 'grpc'>;

async function contest(model: BenchModel, encoding: Encoding, connections: number, cairn: Address, floor: Address): Promise<Outcome> {
  const latencies = new Map<string, number[]>();
  const targets: readonly Target[] = [
    { name: 'cairn', ...cairn, model: model.name },
    { name: 'without batching', ...cairn, model: `${model.name}-alone` },
    { name: 'bare handler', ...floor, model: model.name },
  ];
  const opened = targets.map((target) => (encoding === 'grpc' ? connectGrpc : connectHttp)(target, model, encoding, connections));
  const contestants = targets.map((target, index): Contestant => {
    const gathered: number[] = [];
    latencies.set(target.name, gathered);
    return { name: target.name, run: (forMs) => load(opened[index]?.sends ?? [], forMs, gathered) };
  });
  const [withBatching, withoutBatching, bare] = await interleave(contestants, ROUNDS, ROUND_MS);
  await Promise.all(opened.map(({ close }) => close()));
  if (withBatching === undefined || withoutBatching === undefined || bare === undefined) throw new Error('nothing was measured');
  const outcome = { withBatching: ratio(withBatching, bare), withoutBatching: ratio(withoutBatching, bare), p99Ms: p99(latencies.get('cairn')) };
  const rates = [withBatching, withoutBatching, bare].map(({ perSecond }) => Math.round(median(perSecond)).toLocaleString('en')).join(', ');
  const tails = targets.map(({ name }) => p99(latencies.get(name)).toFixed(1)).join(', ');
  const ratios = `${outcome.withBatching.toFixed(2)} × the bare handler, without batching ${outcome.withoutBatching.toFixed(2)} ×`;
  process.stdout.write(`${model.name.padEnd(6)} ${encoding.padEnd(6)} ${String(connections).padStart(3)} connections: ${ratios}; ${rates} /s; p99 ${tails} ms\n`);
  return outcome;
}

/** Answers how many requests were answered. */
async function load(sends: readonly Send[], forMs: number, latencies: number[]): Promise<number> {
  const endMs = performance.now() + forMs;
  let answered = 0;
  const client = async (send: Send): Promise<void> => {
    for (let sentAtMs = performance.now(); sentAtMs < endMs; ) {
      await send();
      const nowMs = performance.now();
      latencies.push(nowMs - sentAtMs);
      sentAtMs = nowMs;
      answered += 1;
    }
  };
  await Promise.all(sends.map(client));
  return answered;
}

function connectHttp({ name, url, model }: Target, described: BenchModel, encoding: Encoding, connections: number): Connections {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const { headers, body } = encode(described, encoding);
  const send = async (): Promise<void> => {
    const response = await pool.request({ method: 'POST', path: `/v2/models/${model}/infer`, headers, body });
    const text = await response.body.arrayBuffer();
    if (response.statusCode !== 200) throw new Error(`${name} answered with ${response.statusCode}: ${Buffer.from(text).toString().slice(0, 300)}`);
  };
  return { sends: new Array<Send>(connections).fill(send), close: () => pool.close() };
}

function connectGrpc({ grpc, model }: Target, described: BenchModel, _encoding: Encoding, connections: number): Connections {
  const message = inferMessage(model, rowOf(described));
  const opened = Array.from({ length: connections }, () => new GrpcConnection(grpc));
  return {
    sends: opened.map((connection) => () => connection.send(message)),
    close: async () => {
      for (const connection of opened) connection.close();
    },
  };
}

function rowOf({ widths: [width = 0] }: BenchModel): Float32Array {
  return Float32Array.from({ length: width }, (_, index) => Math.fround(Math.sin(index)));
}

function encode(model: BenchModel, encoding: Encoding): Encoded {
  const values = rowOf(model);
  const input = { name: 'features', shape: [1, values.length], datatype: 'FP32' };
  if (encoding === 'json') return { headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ inputs: [{ ...input, data: Array.from(values) }] })) };
  const json = Buffer.from(JSON.stringify({ inputs: [{ ...input, parameters: { binary_data_size: values.byteLength } }], parameters: { binary_data_output: true } }));
  return { headers: { 'inference-header-content-length': String(json.length) }, body: Buffer.concat([json, Buffer.from(values.buffer)]) };
}

/** What the runtime itself answers for zeros. */
async function goldenOf(floor: string, model: BenchModel): Promise<Buffer> {
  const inputs = [zeros(model)];
  const response = await fetch(`${floor}/v2/models/${model.name}/infer`, { method: 'POST', body: JSON.stringify({ inputs }) });
  const { outputs } = (await response.json()) as { outputs: object[] };
  return Buffer.from(JSON.stringify({ inputs, outputs, tolerance: TOLERANCE }));
}

async function gapOf(floor: ChildProcess): Promise<number> {
  const answer = once(floor, 'message') as Promise<[FloorGap]>;
  floor.send('gap');
  return (await answer)[0].longestGapMs;
}

function p99(latencies: readonly number[] = []): number {
  return percentile([...latencies].sort((a, b) => a - b), 0.99);
}

await measureServing();
