import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';
import type { TensorSpec } from '../../src/tensor/tensor.js';
import type { CaseTensor } from './elements.js';
import { datatypeOf, readTensorProto } from './tensor-proto.js';

/** One case of ONNX's backend tests: a model, what it is asked, and what it has to answer. */
export interface BackendCase {
  /** `<suite>/<case>`. */
  readonly name: string;
  readonly modelFile: string;
  readonly signature: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] };
  /** Without elements where `unreadable` says why. */
  readonly inputs: readonly CaseTensor[];
  readonly expected: readonly CaseTensor[];
  /** Why the protocol has no word for the case: something that goes in or comes out is no tensor. */
  readonly unreadable: string | undefined;
}

/** Without `real`, whose models are not in the package. */
const SUITES = ['node', 'pytorch-converted', 'pytorch-operator', 'simple'];

export function caseNames(folder: string): readonly string[] {
  return SUITES.flatMap((suite) => readdirSync(join(folder, suite)).sort().map((name) => `${suite}/${name}`));
}

/** Every case of ONNX 1.12 has one set of data. Inputs and outputs lie in the order in which the graph has them. */
export function readCase(folder: string, name: string): BackendCase {
  const modelFile = join(folder, name, 'model.onnx');
  const graph = onnx.ModelProto.decode(readFileSync(modelFile)).graph ?? {};
  const constants = new Set(graph.initializer?.map((tensor) => tensor.name));
  const inputInfos = graph.input?.filter((info) => !constants.has(info.name)) ?? [];
  const outputInfos = graph.output ?? [];
  const odd = [...inputInfos, ...outputInfos].find(({ type }) => !type?.tensorType);
  if (odd !== undefined) return { name, modelFile, signature: { inputs: [], outputs: [] }, inputs: [], expected: [], unreadable: `${odd.name} is no tensor` };
  const data = join(folder, name, 'test_data_set_0');
  const read = (kind: string, infos: readonly onnx.IValueInfoProto[]): CaseTensor[] =>
    infos.map((info, index) => readTensorProto(readFileSync(join(data, `${kind}_${index}.pb`)), info.name ?? ''));
  const signature = { inputs: inputInfos.map(specOf), outputs: outputInfos.map(specOf) };
  return { name, modelFile, signature, inputs: read('input', inputInfos), expected: read('output', outputInfos), unreadable: undefined };
}

function specOf({ name, type }: onnx.IValueInfoProto): TensorSpec {
  const lengths = type?.tensorType?.shape?.dim ?? [];
  // A length of 0 is a length: only one that has a name, or nothing, may be any.
  const shape = lengths.map(({ dimValue, dimParam }) => (dimParam || dimValue === undefined || dimValue === null ? -1 : Number(dimValue)));
  return { name: name ?? '', datatype: datatypeOf(type?.tensorType?.elemType ?? 0), shape };
}
