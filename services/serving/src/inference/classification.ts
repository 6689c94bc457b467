import type { SignatureTensor } from '../deployment/views/servable-version/signature.js';
import { isByRow, numbersOf, type Tensor } from '../tensor/tensor.js';
import type { InferRequest } from '../v2/infer-request.js';
import { V2Error } from '../v2/v2-error.js';

/**
 * Outputs that were asked for as classes: the greatest values of each row, greatest first, as texts `value:index`, or `value:index:label` where the signature names the
 * columns (Triton's extension_classification.md). Throws V2Error 400 for texts and for what has no values.
 */
export function classified(outputs: readonly Tensor[], { outputs: asked }: InferRequest, specs: readonly SignatureTensor[]): readonly Tensor[] {
  if (asked?.some(({ classification }) => classification !== undefined) !== true) return outputs;
  return outputs.map((output) => {
    const classes = asked.find(({ name }) => name === output.name)?.classification;
    const spec = specs.find(({ name }) => name === output.name);
    return classes === undefined ? output : classesOf(output, classes, isByRow(specs), spec?.columns ?? []);
  });
}

function classesOf(output: Tensor, classes: number, byRow: boolean, labels: readonly string[]): Tensor {
  const { name, datatype, shape } = output;
  const numbers = numbersOf(output);
  if (numbers === undefined) throw new V2Error(400, `output '${name}' holds texts, which can't be classified; leave out its 'classification' parameter`);
  const rows = byRow && shape.length > 1 ? (shape[0] ?? 1) : 1;
  const width = rows === 0 ? 0 : numbers.length / rows;
  const kept = Math.min(classes, width);
  const isReal = datatype.startsWith('FP');
  const data: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    const values = Array.from({ length: width }, (_, index) => ({ index, value: numbers[row * width + index] ?? 0 }));
    // Equal ones stay in their order. What is no number comes last: it is no class.
    values.sort((one, other) => compare(other.value, one.value));
    for (const { index, value } of values.slice(0, kept)) {
      const label = labels[index];
      data.push(`${isReal ? Number(value).toFixed(6) : String(value)}:${index}${label === undefined ? '' : `:${label}`}`);
    }
  }
  return { name, datatype: 'BYTES', shape: byRow && shape.length > 1 ? [rows, kept] : [kept], data };
}

function compare(one: number | bigint, other: number | bigint): number {
  if (one === other) return 0;
  if (Number.isNaN(one)) return Number.isNaN(other) ? 0 : -1;
  return Number.isNaN(other) || one > other ? 1 : -1;
}
