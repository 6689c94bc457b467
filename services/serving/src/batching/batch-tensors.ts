import { datatypes, isTexts, type NumericData, type TensorData } from '../tensor/datatype.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * Requests of the same kind may share a run: the same inputs with the same datatypes, and the same lengths but for the first, which counts the rows. Undefined when there
 * are no rows to put together.
 */
export function kindOf(inputs: readonly Tensor[]): string | undefined {
  const kinds: string[] = [];
  for (const { name, datatype, shape } of inputs) {
    if (shape.length === 0) return undefined;
    let kind = `${datatype} ${JSON.stringify(name)}`;
    for (let dimension = 1; dimension < shape.length; dimension += 1) kind += ` ${shape[dimension]}`;
    kinds.push(kind);
  }
  return kinds.length === 1 ? kinds[0] : kinds.sort().join();
}

/** One behind the other, along the first dimension; all of one kind, at least one. */
export function joinInputs(requests: readonly (readonly Tensor[])[]): readonly Tensor[] {
  const [first = []] = requests;
  return first.map(({ name, datatype, shape }) => {
    const parts = requests.map((inputs) => inputs.find((input) => input.name === name)).filter((part) => part !== undefined);
    const rows = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0);
    const data = joined(datatype, parts.map((part) => part.data));
    return { name, datatype, shape: [rows, ...shape.slice(1)], data };
  });
}

/**
 * What belongs to each request, as views of the outputs. Undefined where an output has not one row for each row that went in: then nobody can say whose it is.
 */
export function splitOutputs(outputs: readonly Tensor[], rows: readonly number[]): readonly (readonly Tensor[])[] | undefined {
  const total = rows.reduce((sum, count) => sum + count, 0);
  if (outputs.some(({ shape }) => shape[0] !== total)) return undefined;
  let first = 0;
  return rows.map((count) => {
    const from = first;
    const end = from + count;
    first = end;
    return outputs.map(({ name, datatype, shape, data }) => {
      const width = total === 0 ? 0 : data.length / total;
      return { name, datatype, shape: [count, ...shape.slice(1)], data: isTexts(data) ? data.slice(from * width, end * width) : data.subarray(from * width, end * width) };
    });
  });
}

function joined(datatype: Tensor['datatype'], parts: readonly TensorData[]): TensorData {
  if (datatype === 'BYTES') return parts.flatMap((part) => part as readonly string[]);
  const data = datatypes[datatype].allocate(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    copyInto(data, part as NumericData, offset);
    offset += part.length;
  }
  return data;
}

function copyInto(target: NumericData, source: NumericData, offset: number): void {
  (target as Float32Array).set(source as Float32Array, offset);
}
