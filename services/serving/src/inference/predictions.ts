import { countNonFinite, type Tensor, type TensorSpec } from '../tensor/tensor.js';
import { datatypes, isDatatype } from '../tensor/datatype.js';

export interface Predictions {
  /** One per row. */
  readonly values: Float64Array;
  /** In all outputs. */
  readonly nonFinite: number;
}

/**
 * What counts as the prediction of a row: the last value of the row in the first floating-point output, or in the first output when none is. For a
 * classifier with one probability per class this is that of the last class.
 */
export function predictionsOf(outputs: readonly Tensor[], rows: number): Predictions {
  const chosen = predictionOutput(outputs);
  const values = new Float64Array(rows);
  if (chosen !== undefined && rows > 0) {
    const width = chosen.data.length / rows;
    for (let row = 0; row < rows; row += 1) values[row] = Number(chosen.data[(row + 1) * width - 1]);
  }
  return { values, nonFinite: outputs.reduce((count, output) => count + countNonFinite(output), 0) };
}

/** What is answered while no version is live: the fallback value in the output that the coming version will use, so that callers need not know. */
export function fallbackOutput(specs: readonly TensorSpec[], value: number, rows: number): Tensor {
  const { name, datatype, shape } = predictionOutput(specs) ?? { name: 'prediction', datatype: 'FP64', shape: [-1, 1] };
  const lengths = shape.map((length, index) => (index === 0 ? rows : Math.max(length, 1)));
  const { allocate } = datatypes[isDatatype(datatype) ? datatype : 'FP64'];
  const data = allocate(lengths.reduce((product, length) => product * length, 1));
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(BigInt(Math.round(value)));
  else data.fill(value);
  return { name, datatype: isDatatype(datatype) ? datatype : 'FP64', shape: lengths, data };
}

function predictionOutput<Output extends { readonly datatype: string }>(outputs: readonly Output[]): Output | undefined {
  return outputs.find(({ datatype }) => datatype === 'FP32' || datatype === 'FP64') ?? outputs[0];
}
