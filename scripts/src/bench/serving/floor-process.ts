import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { inference } from '@cairn/contracts';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { fastify, type FastifyReply, type FastifyRequest } from 'fastify';
import ort from 'onnxruntime-node';

/** What the benchmark needs to know of the server that it compares with. */
export interface FloorReady {
  readonly http: string;
  /** Host and port. */
  readonly grpc: string;
}

export interface FloorGap {
  readonly longestGapMs: number;
}

/** As the gauge of prom-client has it, by which replicas are measured. */
const GAP_RESOLUTION_MS = 10;
const HEADER_LENGTH = 'inference-header-content-length';

interface JsonInput {
  readonly name: string;
  readonly shape: number[];
  readonly data: number[];
}

/**
 * What somebody writes who wants nothing but answers: Fastify, and @grpc/grpc-js for gRPC, ONNX Runtime on the thread of the server, a run for each request. It
 * checks nothing, keeps nothing and knows one model for each file that it is given.
 */
const sessions = new Map<string, ort.InferenceSession>();
const options: ort.InferenceSession.SessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' };
for (const path of process.argv.slice(2)) {
  const name = /([^/]+)\.onnx$/.exec(path)?.[1] ?? path;
  sessions.set(name, await ort.InferenceSession.create(readFileSync(path), options));
}

async function score(model: string, data: Float32Array, shape: readonly number[]): Promise<ort.Tensor> {
  const session = sessions.get(model);
  if (session === undefined) throw new Error(`no model ${model}`);
  const { score: output } = await session.run({ features: new ort.Tensor('float32', data, shape) });
  if (output === undefined) throw new Error('the model gives no score');
  return output;
}

const server = fastify({ bodyLimit: 64 * 1024 * 1024 });
server.removeAllContentTypeParsers();
server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
server.post('/v2/models/:model/infer', async (request: FastifyRequest, reply: FastifyReply) => {
  const { model } = request.params as { model: string };
  const body = request.body as Buffer;
  const headerLength = request.headers[HEADER_LENGTH];
  if (headerLength === undefined) {
    const [input] = (JSON.parse(body.toString()) as { inputs: readonly [JsonInput] }).inputs;
    const output = await score(model, Float32Array.from(input.data), input.shape);
    return { model_name: model, outputs: [{ name: 'score', datatype: 'FP32', shape: output.dims, data: Array.from(output.data as Float32Array) }] };
  }
  const jsonBytes = Number(headerLength);
  const [input] = (JSON.parse(body.toString('utf8', 0, jsonBytes)) as { inputs: readonly [JsonInput] }).inputs;
  const output = await score(model, new Float32Array(Uint8Array.from(body.subarray(jsonBytes)).buffer), input.shape);
  const data = output.data as Float32Array;
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const outputs = [{ name: 'score', datatype: 'FP32', shape: output.dims, parameters: { binary_data_size: raw.length } }];
  const json = Buffer.from(JSON.stringify({ model_name: model, outputs }));
  return reply.type('application/octet-stream').header(HEADER_LENGTH, json.length).send(Buffer.concat([json, raw]));
});
const http = await server.listen({ host: '127.0.0.1', port: 0 });

async function inferOverGrpc({ modelName, inputs: [input], rawInputContents: [raw] }: inference.ModelInferRequest): Promise<inference.ModelInferResponse> {
  const output = await score(modelName, new Float32Array(Uint8Array.from(raw ?? []).buffer), (input?.shape ?? []).map(Number));
  const data = output.data as Float32Array;
  const outputs = [{ name: 'score', datatype: 'FP32', shape: output.dims.map(BigInt) }];
  return create(inference.ModelInferResponseSchema, { modelName, outputs, rawOutputContents: [new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)] });
}

const grpcServer = new Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 });
grpcServer.register(
  `/${inference.GRPCInferenceService.typeName}/ModelInfer`,
  ({ request }: ServerUnaryCall<inference.ModelInferRequest, inference.ModelInferResponse>, send: sendUnaryData<inference.ModelInferResponse>): void => {
    inferOverGrpc(request).then((response) => send(null, response), send);
  },
  (response) => Buffer.from(toBinary(inference.ModelInferResponseSchema, response)),
  (bytes) => fromBinary(inference.ModelInferRequestSchema, bytes),
  'unary',
);
const grpcPort = await new Promise<number>((resolve, reject) => {
  grpcServer.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => (error === null ? resolve(port) : reject(error)));
});

/** Any question is answered with the longest time in which the event loop did nothing else since the last one. */
const gaps = monitorEventLoopDelay({ resolution: GAP_RESOLUTION_MS });
gaps.enable();
process.on('message', () => {
  process.send?.({ longestGapMs: Math.max(0, gaps.max / 1e6 - GAP_RESOLUTION_MS) } satisfies FloorGap);
  gaps.reset();
});

process.send?.({ http, grpc: `127.0.0.1:${grpcPort}` } satisfies FloorReady);
process.once('disconnect', () => {
  grpcServer.forceShutdown();
  void server.close();
});
