import { allocate, isDatatype, isTexts } from '../tensor/datatype.js';
import { numberToHalf } from '../tensor/half.js';
import { countNonFinite, numbersOf, type Tensor, type TensorSpec } from '../tensor/tensor.js';

export interface Predictions {
  /** One per row. */
  readonly values: Float64Array;
  /** In all outputs. */
  readonly nonFinite: number;
}

/**
 * What counts as the prediction of a row: the last value of the row in the first floating-point output, or in the first output of numbers when none is. For a
 * classifier with one probability per class this is that of the last class. Where there is no such value, as with texts, it is not a number.
 */
export function predictionsOf(outputs: readonly Tensor[], rows: number): Predictions {
  const chosen = predictionOutput(outputs);
  const numbers = (chosen && numbersOf(chosen)) ?? [];
  const values = new Float64Array(rows).fill(Number.NaN);
  const width = numbers.length / rows;
  if (Number.isInteger(width) && width > 0) for (let row = 0; row < rows; row += 1) values[row] = Number(numbers[(row + 1) * width - 1]);
  return { values, nonFinite: outputs.reduce((count, output) => count + countNonFinite(output), 0) };
}

/** What is answered while no version is live: the fallback value in the output that the coming version will use, so that callers need not know. */
export function fallbackOutput(specs: readonly TensorSpec[], value: number, rows: number): Tensor {
  const { name, datatype, shape } = predictionOutput(specs) ?? { name: 'prediction', datatype: 'FP64', shape: [-1, 1] };
  const lengths = shape.map((length, index) => (index === 0 ? rows : Math.max(length, 1)));
  const answered = isDatatype(datatype) ? datatype : 'FP64';
  const data = allocate(answered, lengths.reduce((product, length) => product * length, 1));
  if (isTexts(data)) data.fill(String(value));
  else if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(BigInt(Math.round(value)));
  else data.fill(answered === 'FP16' ? numberToHalf(value) : value);
  return { name, datatype: answered, shape: lengths, data };
}

function predictionOutput<Output extends { readonly datatype: string }>(outputs: readonly Output[]): Output | undefined {
  return outputs.find(({ datatype }) => datatype.startsWith('FP')) ?? outputs.find(({ datatype }) => datatype !== 'BYTES') ?? outputs[0];
}
