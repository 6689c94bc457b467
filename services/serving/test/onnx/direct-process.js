// @ts-check
// Asks ONNX Runtime without anything of Cairn in between. A process of its own: `run` blocks, and what crashes natively takes only this process along.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import ort from 'onnxruntime-node';

/** @import { CaseTensor } from './elements.js' */
/** @import { DirectAnswer, DirectRequest } from './direct-runtime.js' */

/** @type {Readonly<Record<string, readonly [type: string, array: new (bytes: ArrayBuffer) => ort.Tensor['data']]>>} */
const TYPES = {
  BOOL: ['bool', Uint8Array], UINT8: ['uint8', Uint8Array], UINT16: ['uint16', Uint16Array], UINT32: ['uint32', Uint32Array], UINT64: ['uint64', BigUint64Array],
  INT8: ['int8', Int8Array], INT16: ['int16', Int16Array], INT32: ['int32', Int32Array], INT64: ['int64', BigInt64Array],
  FP16: ['float16', Uint16Array], FP32: ['float32', Float32Array], FP64: ['float64', Float64Array],
};

process.on('message', async (/** @type {DirectRequest} */ request) => {
  /** @type {DirectAnswer} */
  let answer;
  try {
    answer = { seq: request.seq, outputs: await run(request) };
  } catch (error) {
    answer = { seq: request.seq, failure: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(answer);
});

/** With the options of a replica: other numbers of threads may add in another order. @param {DirectRequest} request @returns {Promise<CaseTensor[]>} */
async function run({ modelFile, inputs }) {
  const session = await ort.InferenceSession.create(readFileSync(modelFile), { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 4 });
  try {
    const fetched = await session.run(Object.fromEntries(inputs.map((input) => [input.name, toOrt(input)])));
    return session.outputNames.map((name) => fromOrt(name, fetched[name]));
  } finally {
    await session.release();
  }
}

/** @param {CaseTensor} tensor */
function toOrt({ datatype, shape, bytes }) {
  if (datatype === 'BYTES') return new ort.Tensor('string', textsOf(bytes), shape);
  const known = TYPES[datatype];
  if (known === undefined) throw new Error(`onnxruntime-node has no tensor of ${datatype}`);
  const [type, array] = known;
  return new ort.Tensor(/** @type {'float32'} */ (type), /** @type {Float32Array} */ (new array(new Uint8Array(bytes).buffer)), shape);
}

/** @param {string} name @param {ort.Tensor | undefined} tensor @returns {CaseTensor} */
function fromOrt(name, tensor) {
  if (tensor === undefined) throw new Error(`no output ${name}`);
  const shape = [...tensor.dims];
  if (tensor.type === 'string') return { name, datatype: 'BYTES', shape, bytes: bytesOfTexts(/** @type {string[]} */ (tensor.data)) };
  const found = Object.entries(TYPES).find(([, [type]]) => type === tensor.type);
  if (found === undefined) throw new Error(`output ${name} is ${tensor.type}`);
  const { buffer, byteOffset, byteLength } = /** @type {Uint8Array} */ (tensor.data);
  return { name, datatype: found[0], shape, bytes: Buffer.from(buffer, byteOffset, byteLength) };
}

/** @param {Uint8Array} bytes */
function textsOf(bytes) {
  const view = Buffer.from(bytes);
  const texts = [];
  for (let at = 0; at < view.length; ) {
    const end = at + 4 + view.readUInt32LE(at);
    texts.push(view.toString('utf8', at + 4, end));
    at = end;
  }
  return texts;
}

/** @param {readonly string[]} texts */
function bytesOfTexts(texts) {
  return Buffer.concat(
    texts.flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );
}
