import type { Plain, registry } from '@cairn/contracts';
import { featureLayout } from '../../../inference/feature-layout.js';
import { isDatatype } from '../../../tensor/datatype.js';
import type { TensorSpec } from '../../../tensor/tensor.js';

export interface SignatureTensor extends TensorSpec {
  /** Names of the columns of the last dimension, in order; empty when nobody named them. */
  readonly columns: readonly string[];
}

export interface Signature {
  readonly inputs: readonly SignatureTensor[];
  readonly outputs: readonly SignatureTensor[];
}

/** Columns that every segment of the inference log has; a feature may not be called so. */
export const RESERVED_COLUMNS = [
  'prediction_id', 'inference_id', 'time', 'event_time', 'version_id', 'arm', 'prediction', 'latency_ms',
] as const;

export function signatureOf(signature: Plain<registry.Signature> | undefined): Signature {
  const tensorOf = ({ name, datatype, shape, columns }: Plain<registry.Tensor>): SignatureTensor => ({ name, datatype, shape: shape.map(Number), columns });
  return { inputs: (signature?.inputs ?? []).map(tensorOf), outputs: (signature?.outputs ?? []).map(tensorOf) };
}

/**
 * What keeps a model with one signature from standing in for a model with the other, as a sentence; undefined when both take the same requests and give answers of the same
 * form. The order of tensors does not matter, since they are known by name; that of columns does.
 */
export function signatureDifference(one: Signature, other: Signature): string | undefined {
  return tensorDifference('input', one.inputs, other.inputs) ?? tensorDifference('output', one.outputs, other.outputs);
}

function tensorDifference(kind: string, ones: readonly SignatureTensor[], others: readonly SignatureTensor[]): string | undefined {
  for (const name of new Set([...ones, ...others].map((tensor) => tensor.name))) {
    const [a, b] = [ones, others].map((tensors) => tensors.find((tensor) => tensor.name === name));
    if (a === undefined || b === undefined) return `only one of both has an ${kind} ${name}.`;
    if (formOf(a) !== formOf(b)) return `${kind} ${name} is ${formOf(a)} there and ${formOf(b)} here.`;
    const bothNamed = a.columns.length > 0 && b.columns.length > 0;
    if (bothNamed && JSON.stringify(a.columns) !== JSON.stringify(b.columns)) return `${kind} ${name} has other columns, or in another order.`;
  }
  return undefined;
}

function formOf({ datatype, shape }: SignatureTensor): string {
  return `${datatype} [${shape.join(', ')}]`;
}

/** Why replicas could not serve a version with this signature; undefined when they can. */
export function signatureProblem({ inputs, outputs }: Signature): string | undefined {
  if (inputs.length === 0 || outputs.length === 0) return 'The signature of the version names no inputs or no outputs.';
  for (const { name, datatype } of [...inputs, ...outputs]) {
    if (!isDatatype(datatype)) return `Tensor ${name} has the datatype ${datatype}, which replicas don't run.`;
  }
  for (const { name, shape, columns } of inputs) {
    const width = shape.at(-1);
    if (columns.length > 0 && (shape.length !== 2 || width !== columns.length)) return `Input ${name} names ${columns.length} columns, but its shape is [${shape.join(', ')}].`;
  }
  const { columns: names } = featureLayout({ inputs, outputs });
  const reserved = names.find((name) => RESERVED_COLUMNS.some((column) => column === name));
  if (reserved !== undefined) return `The inference log has a column ${reserved} of its own; call the feature otherwise.`;
  if (new Set(names).size < names.length) return 'Two columns of the inputs have the same name.';
  return undefined;
}
