import onnxProto, { type onnx as Onnx } from 'onnx-proto';

const { onnx } = onnxProto;
const FLOAT = 1;
const IR_VERSION = 8;
const OPSET = 17;

export interface BenchModel {
  readonly name: string;
  /** Width of every layer, from the features to the output. */
  readonly widths: readonly number[];
  readonly onnx: Buffer;
}

/** As small as models of tables are, a middling one, and one whose run takes longer than everything around it. */
export const benchModels = (): readonly BenchModel[] => [mlp('small', [30, 64, 32, 1]), mlp('middle', [128, 256, 256, 1]), mlp('large', [256, 1_024, 1_024, 256, 1])];

/** A perceptron with a rectifier after every layer but the last: features FP32 [-1, n], score FP32 [-1, 1]. */
function mlp(name: string, widths: readonly number[]): BenchModel {
  const node: Onnx.INodeProto[] = [];
  const initializer: Onnx.ITensorProto[] = [];
  const last = widths.length - 2;
  for (let layer = 0; layer <= last; layer += 1) {
    const [rows, columns] = [widths[layer] ?? 0, widths[layer + 1] ?? 0];
    initializer.push({ name: `w${layer}`, dims: [rows, columns], dataType: FLOAT, floatData: weights(rows * columns, rows) });
    initializer.push({ name: `b${layer}`, dims: [columns], dataType: FLOAT, floatData: weights(columns, columns) });
    const result = layer === last ? 'score' : `z${layer}`;
    node.push({ opType: 'Gemm', input: [layer === 0 ? 'features' : `a${layer - 1}`, `w${layer}`, `b${layer}`], output: [result] });
    if (layer < last) node.push({ opType: 'Relu', input: [result], output: [`a${layer}`] });
  }
  const graph = { name, node, initializer, input: [valueInfo('features', widths[0] ?? 0)], output: [valueInfo('score', widths.at(-1) ?? 0)] };
  const model = onnx.ModelProto.create({ irVersion: IR_VERSION, opsetImport: [{ domain: '', version: OPSET }], producerName: 'cairn-bench', graph });
  return { name, widths, onnx: Buffer.from(onnx.ModelProto.encode(model).finish()) };
}

/** The same every time, and small enough that no layer saturates. */
function weights(count: number, fanIn: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.sin(index + 1) / Math.sqrt(fanIn));
}

function valueInfo(name: string, columns: number): Onnx.IValueInfoProto {
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'rows' }, { dimValue: columns }] } } } };
}
