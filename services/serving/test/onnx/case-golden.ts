import type { CaseTensor } from './elements.js';

/** The case itself as golden request, with the answer of ONNX Runtime, which has to be met bit for bit. */
export function goldenOf(inputs: readonly CaseTensor[], outputs: readonly CaseTensor[]): Buffer {
  const describe = ({ name, datatype, shape, bytes }: CaseTensor) => ({ name, datatype, shape, raw_data: bytes.toString('base64') });
  return Buffer.from(JSON.stringify({ tolerance: 0, inputs: inputs.map(describe), outputs: outputs.map(describe) }));
}
