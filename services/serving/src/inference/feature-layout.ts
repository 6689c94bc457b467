import type { Signature } from '../deployment/views/servable-version/signature.js';
import { isByRow, numbersOf, type Tensor } from '../tensor/tensor.js';

/** Which values of a request's inputs are features, and what they are called. */
export interface FeatureLayout {
  readonly columns: readonly string[];
  readonly parts: readonly { readonly input: string; readonly width: number }[];
}

/** Of a request that no version has described yet. */
export const NO_FEATURES: FeatureLayout = { columns: [], parts: [] };

/**
 * Inputs of one row per first dimension: those whose columns the signature names, and single values, which are called by the input's name. Other inputs (images,
 * sequences, texts) are not columns, and the inference log leaves them out.
 */
export function featureLayout({ inputs }: Signature): FeatureLayout {
  const parts: { input: string; width: number; columns: readonly string[] }[] = [];
  for (const { name, datatype, shape, columns } of isByRow(inputs) ? inputs : []) {
    if (datatype === 'BYTES') continue;
    if (columns.length > 0) parts.push({ input: name, width: columns.length, columns });
    else if (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) parts.push({ input: name, width: 1, columns: [name] });
  }
  return { columns: parts.flatMap(({ columns }) => columns), parts: parts.map(({ input, width }) => ({ input, width })) };
}

/** Row-major, `rows` times the layout's columns. INT64 and UINT64 beyond 2^53 are rounded. */
export function featuresOf({ columns, parts }: FeatureLayout, inputs: readonly Tensor[], rows: number): Float64Array {
  const width = columns.length;
  const features = new Float64Array(rows * width);
  let offset = 0;
  for (const part of parts) {
    const input = inputs.find(({ name }) => name === part.input);
    const data = (input && numbersOf(input)) ?? [];
    if (part.width === width && !(data instanceof BigInt64Array || data instanceof BigUint64Array)) {
      features.set(data);
      return features;
    }
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < part.width; column += 1) features[row * width + offset + column] = Number(data[row * part.width + column]);
    }
    offset += part.width;
  }
  return features;
}
