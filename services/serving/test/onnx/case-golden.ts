import { halfToNumber } from '../../src/tensor/half.js';
import { MAX_GOLDEN_BYTES } from '../../src/replica/golden.js';
import type { BackendCase } from './backend-cases.js';
import type { DirectRuntime } from './direct-runtime.js';
import { bytesOf, elementsOf, type CaseTensor, type Element } from './elements.js';
import { jsonOf } from './encodings.js';

type Change = (tensor: CaseTensor) => CaseTensor;

/** What the golden request asks, in the order in which it is tried: the case's own numbers, ones in place of those that JSON can't say, and short ones. */
const ATTEMPTS: readonly Change[] = [
  (tensor) => tensor,
  (tensor) => changed(tensor, (element) => (isSayable(tensor.datatype, element) ? element : oneOf(tensor.datatype))),
  (tensor) => (tensor.datatype === 'BYTES' || tensor.datatype.startsWith('FP') ? changed(tensor, (_, index) => shortOf(tensor.datatype, index)) : tensor),
];

/**
 * A golden request with the answer of ONNX Runtime itself, which has to be met exactly. Both have to be sayable in JSON, and short; outputs that are not are left out. Undefined
 * where nothing helps.
 */
export async function goldenOf({ modelFile, inputs }: BackendCase, direct: DirectRuntime): Promise<Buffer | undefined> {
  for (const attempt of ATTEMPTS) {
    const asked = inputs.map(attempt);
    if (!asked.every(isWhollySayable)) continue;
    const answered = await direct.run(modelFile, asked);
    const outputs = typeof answered === 'string' ? [] : answered.filter(isWhollySayable);
    const golden = Buffer.from(`{"tolerance":0,"inputs":[${asked.map(describe).join(',')}],"outputs":[${outputs.map(describe).join(',')}]}`);
    if (outputs.length > 0 && golden.length <= MAX_GOLDEN_BYTES) return golden;
  }
  return undefined;
}

function changed(tensor: CaseTensor, change: (element: Element, index: number) => Element): CaseTensor {
  return { ...tensor, bytes: bytesOf(tensor.datatype, elementsOf(tensor).map(change)) };
}

function isWhollySayable(tensor: CaseTensor): boolean {
  return elementsOf(tensor).every((element) => isSayable(tensor.datatype, element));
}

function isSayable(datatype: string, element: Element): boolean {
  if (datatype === 'FP16') return Number.isFinite(halfToNumber(Number(element)));
  if (typeof element === 'bigint') return Number.isSafeInteger(Number(element));
  return typeof element !== 'number' || Number.isFinite(element);
}

function oneOf(datatype: string): Element {
  if (datatype === 'FP16') return 0x3c00;
  return datatype.endsWith('INT64') ? 1n : 1;
}

/** One digit each, so that large tensors fit; no less than nothing, so that roots have them. */
function shortOf(datatype: string, index: number): Element {
  if (datatype === 'BYTES') return String(index % 8);
  return datatype === 'FP16' ? oneOf(datatype) : index % 8;
}

/** Golden answers have halves as numbers. Nine digits tell every number of 32 bits from all others. */
function describe(tensor: CaseTensor): string {
  const { name, datatype, shape } = tensor;
  const numbers = (): number[] => elementsOf(tensor).map((element) => (datatype === 'FP16' ? halfToNumber(Number(element)) : Number(Number(element).toPrecision(9))));
  const data = datatype === 'FP16' || datatype === 'FP32' ? JSON.stringify(numbers()) : jsonOf(tensor);
  return `${JSON.stringify({ name, datatype, shape }).slice(0, -1)},"data":${data}}`;
}
