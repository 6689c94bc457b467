// The body of a replica: it alone imports ONNX Runtime, whose calls block the thread they run on. JavaScript, type-checked through its comments, because
// a thread starts from a file, and the tests start it from the sources.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import ort from 'onnxruntime-node';

/** @import { InferenceSession as Session, Tensor as OrtTensor } from 'onnxruntime-node' */
/** @import { ReplicaErrorCode } from '../replica.js' */
/** @import { Tensor } from '../../tensor/tensor.js' */
/** @import { ThreadAnswer, ThreadData, ThreadEnd, ThreadRequest } from './thread-protocol.js' */

/** @type {Readonly<Record<string, OrtTensor.Type>>} */
const ORT_TYPES = {
  BOOL: 'bool', UINT8: 'uint8', UINT16: 'uint16', UINT32: 'uint32', UINT64: 'uint64', INT8: 'int8', INT16: 'int16', INT32: 'int32', INT64: 'int64',
  FP16: 'float16', FP32: 'float32', FP64: 'float64', BYTES: 'string',
};
const DATATYPES = new Map(Object.entries(ORT_TYPES).map(([datatype, type]) => [type, datatype]));

/** One thread per session: two replicas on two cores beat one that fights itself. */
/** @type {Session.SessionOptions} */
const SESSION_OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 3 };

/** What ONNX Runtime says about inputs that the model can't take; anything else is the model's own failure. */
const INPUT_FAULT = /invalid (dimensions|rank) for input|is missing in 'feeds'|unexpected input data type|input .* must be/i;

/** @type {Map<string, { readonly session: Session, readonly outputs: readonly string[] }>} */
const models = new Map();
const port = parentPort;
const { withdrawn } = /** @type {ThreadData} */ (workerData);

/** What runs, and all that waits behind it: one begins when the last has ended, so that until then it can be withdrawn. Loading waits for files and not in this line. */
let turn = Promise.resolve();

port?.on('message', (/** @type {ThreadRequest | ThreadEnd} */ request) => {
  if (request.kind === 'end') process.exit(0);
  if (request.kind === 'load') void respond(request);
  else turn = turn.then(() => respond(request));
});

/** @param {ThreadRequest} request */
async function respond(request) {
  try {
    const answer = await handle(request);
    const tensors = answer.kind === 'inferred' ? answer.outputs : answer.kind === 'withdrawn' ? answer.inputs : [];
    port?.postMessage(answer, tensors.flatMap(({ data }) => ('buffer' in data ? [data.buffer] : [])));
  } catch (error) {
    const code = error instanceof Failure ? error.code : 'RUN_FAILED';
    /** @type {ThreadAnswer} */
    const answer = { seq: request.seq, kind: 'failed', code, message: error instanceof Error ? error.message : String(error) };
    port?.postMessage(answer);
  }
}

class Failure extends Error {
  /** @param {ReplicaErrorCode} code @param {unknown} cause */
  constructor(code, cause) {
    super(cause instanceof Error ? cause.message : String(cause));
    /** @readonly */
    this.code = code;
  }
}

/** @param {ThreadRequest} request @returns {Promise<ThreadAnswer>} */
async function handle(request) {
  switch (request.kind) {
    case 'load':
      return { seq: request.seq, kind: 'loaded', digest: await load(request.versionId, request.path, request.expected) };
    case 'infer':
      if (Atomics.load(withdrawn, request.place) === (request.seq | 0)) return { seq: request.seq, kind: 'withdrawn', inputs: request.inputs };
      return { seq: request.seq, kind: 'inferred', ...(await infer(request.versionId, request.inputs)) };
    case 'unload':
      await models.get(request.versionId)?.session.release();
      models.delete(request.versionId);
      return { seq: request.seq, kind: 'unloaded' };
  }
}

/**
 * The digest is that of the very bytes that the session is made of; of others than are `expected` none is made.
 * @param {string} versionId @param {string} path @param {string | undefined} expected
 */
async function load(versionId, path, expected) {
  try {
    const bytes = await readFile(path);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (expected !== undefined && digest !== expected) throw new Error(`the file is ${digest} instead of ${expected}`);
    const session = await ort.InferenceSession.create(bytes, SESSION_OPTIONS);
    // A sequence or a map, as scikit-learn's exporters like to add, can't be fetched: only tensors are asked for.
    const outputs = session.outputMetadata.filter(({ isTensor }) => isTensor).map(({ name }) => name);
    await models.get(versionId)?.session.release();
    models.set(versionId, { session, outputs });
    return digest;
  } catch (error) {
    throw new Failure('LOAD_FAILED', error);
  }
}

/** @param {string} versionId @param {readonly Tensor[]} inputs */
async function infer(versionId, inputs) {
  const model = models.get(versionId);
  if (model === undefined) throw new Failure('NOT_LOADED', 'the version is not loaded');
  /** @type {Record<string, OrtTensor>} */
  const feeds = {};
  for (const { name, datatype, shape, data } of inputs) {
    const type = ORT_TYPES[datatype];
    if (type === undefined) throw new Failure('INVALID_INPUT', `datatype ${datatype} is not supported`);
    feeds[name] = new ort.Tensor(type, /** @type {OrtTensor.DataType} */ (data), shape);
  }
  const startedAt = performance.now();
  try {
    const fetched = await model.session.run(feeds, model.outputs);
    const runMs = performance.now() - startedAt;
    return { outputs: model.outputs.map((name) => toTensor(name, fetched[name])), runMs };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure(INPUT_FAULT.test(message) ? 'INVALID_INPUT' : 'RUN_FAILED', error);
  }
}

/**
 * Copied, since the memory that ONNX Runtime hands out may not be given to another thread.
 * @param {string} name @param {OrtTensor | undefined} fetched @returns {Tensor}
 */
function toTensor(name, fetched) {
  const datatype = fetched && DATATYPES.get(fetched.type);
  if (fetched === undefined || datatype === undefined) throw new Error(`output '${name}' has a type that is not supported`);
  const data = /** @type {Tensor['data']} */ (fetched.data).slice();
  // Where Node has an array of halves, ONNX Runtime hands one out; the rest of Cairn knows them by their bits.
  const bits = datatype === 'FP16' && 'buffer' in data ? new Uint16Array(data.buffer) : data;
  return { name, datatype: /** @type {Tensor['datatype']} */ (datatype), shape: [...fetched.dims], data: bits };
}
