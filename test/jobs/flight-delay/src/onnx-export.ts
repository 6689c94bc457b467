import onnxProto from 'onnx-proto';
import type { Scaling } from './dataset.js';
import type { Layer } from './model.js';

const { onnx } = onnxProto;
const OPSET = 17;
const IR_VERSION = 8;
const FLOAT = onnx.TensorProto.DataType.FLOAT;

export const INPUT = 'features';
export const OUTPUT = 'probability';

/** ONNX with the scaling inside: `features` FP32 [-1, n] as they are → `probability` FP32 [-1, 1]. */
export function exportOnnx(layers: readonly Layer[], { means, deviations }: Scaling): Uint8Array {
  const width = means.length;
  const nodes = [node('Sub', [INPUT, 'means'], 'centred'), node('Div', ['centred', 'deviations'], 'scaled')];
  const initializers = [tensor('means', [width], means), tensor('deviations', [width], deviations)];
  let previous = 'scaled';
  layers.forEach(({ inputs, units, weights, biases }, index) => {
    const last = index === layers.length - 1;
    const [kernel, bias, sum] = [`kernel${index}`, `bias${index}`, `sum${index}`];
    initializers.push(tensor(kernel, [inputs, units], weights), tensor(bias, [units], biases));
    nodes.push(node('Gemm', [previous, kernel, bias], sum));
    previous = last ? OUTPUT : `active${index}`;
    nodes.push(node(last ? 'Sigmoid' : 'Relu', [sum], previous));
  });
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: 'cairn flight-delay job',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: { name: 'flight-delay', node: nodes, initializer: initializers, input: [value(INPUT, width)], output: [value(OUTPUT, 1)] },
  });
  return onnx.ModelProto.encode(model).finish();
}

function node(opType: string, input: string[], output: string) {
  return onnx.NodeProto.create({ opType, input, output: [output], name: output });
}

function tensor(name: string, dims: number[], data: Float32Array) {
  return onnx.TensorProto.create({ name, dims, dataType: FLOAT, floatData: [...data] });
}

function value(name: string, width: number) {
  return onnx.ValueInfoProto.create({
    name,
    type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'rows' }, { dimValue: width }] } } },
  });
}
