import { halfToNumber } from '../../src/tensor/half.js';
import { elementsOf, type CaseTensor } from './elements.js';
import type { Answer } from './encodings.js';

/** Of ONNX's own runner of these cases (onnx/backend/test/runner: rtol 1e-3, atol 1e-7), which asks numpy's assert_allclose: relative to what was observed. */
const RELATIVE_TOLERANCE = 1e-3;
const ABSOLUTE_TOLERANCE = 1e-7;

type Problem = (expected: CaseTensor, observed: CaseTensor) => string | undefined;

/** Why an answer is not what the case says, as ONNX's own runner would see it; undefined when it is. */
export function differenceFromExpected(expected: readonly CaseTensor[], observed: Answer): string | undefined {
  return difference(expected, observed, (one, other) => {
    const [values, others] = [realsOf(one), realsOf(other)];
    if (values === undefined || others === undefined) return one.bytes.equals(other.bytes) ? undefined : 'has other elements';
    const at = values.findIndex((value, index) => !isClose(value, others[index] ?? Number.NaN));
    return at < 0 ? undefined : `has ${others[at]} at ${at} instead of ${values[at]}`;
  });
}

/** Why an answer is not the same, bit for bit; undefined when it is. */
export function differenceInBits(expected: readonly CaseTensor[], observed: Answer): string | undefined {
  return difference(expected, observed, (one, other) => (one.bytes.equals(other.bytes) ? undefined : `has ${startOf(other)} instead of ${startOf(one)}`));
}

function difference(expected: readonly CaseTensor[], observed: Answer, elements: Problem): string | undefined {
  if (typeof observed === 'string') return observed;
  if (expected.length !== observed.length) return `${observed.length} outputs instead of ${expected.length}`;
  const problems = expected.flatMap((one, index) => {
    const other = observed[index];
    if (other?.name !== one.name) return `output ${index} is ${other?.name} instead of ${one.name}`;
    if (other.datatype !== one.datatype) return `output ${one.name} is ${other.datatype} instead of ${one.datatype}`;
    if (other.shape.join() !== one.shape.join()) return `output ${one.name} has the shape [${other.shape.join()}] instead of [${one.shape.join()}]`;
    const problem = elements(one, other);
    return problem === undefined ? [] : `output ${one.name} ${problem}`;
  });
  return problems[0];
}

function isClose(value: number, other: number): boolean {
  if (Object.is(value, other) || value === other) return true;
  return Number.isFinite(value) && Math.abs(value - other) <= ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * Math.abs(other);
}

/** The values of a floating-point tensor; undefined for others. */
function realsOf(tensor: CaseTensor): number[] | undefined {
  if (!tensor.datatype.startsWith('FP')) return undefined;
  const numbers = elementsOf(tensor).map(Number);
  return tensor.datatype === 'FP16' ? numbers.map(halfToNumber) : numbers;
}

function startOf({ bytes }: CaseTensor): string {
  return bytes.toString('hex', 0, 32);
}
