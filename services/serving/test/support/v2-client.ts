import { waitUntil } from '@cairn/testing';
import type { TensorSpec } from '../../src/tensor/tensor.js';
import { identityOnnx } from './onnx-model.js';
import type { Serving } from './serving.js';

/** Sends a request as clients of the protocol do: without a Content-Type. */
export async function sendV2({ url }: Pick<Serving, 'url'>, path: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: typeof body === 'string' ? Buffer.from(body) : body, headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, json: () => JSON.parse(bytes.toString()) };
}

/** Deploys a model that gives each tensor back under `<name>_out`; it answers at `/v2/models/<name>/versions/1`. */
export async function deployIdentity(serving: Serving, name: string, inputs: readonly TensorSpec[]): Promise<void> {
  const outputs = inputs.map((spec) => ({ ...spec, name: `${spec.name}_out` }));
  const golden = (specs: readonly TensorSpec[]) =>
    specs.map(({ shape, ...spec }) => {
      const lengths = shape.map(Math.abs);
      const count = lengths.reduce((product, length) => product * length, 1);
      return { ...spec, shape: lengths, data: new Array<unknown>(count).fill(spec.datatype === 'BYTES' ? 'a' : 1) };
    });
  const versionId = await serving.version({
    modelName: name,
    onnx: identityOnnx(inputs),
    signature: { inputs, outputs },
    golden: Buffer.from(JSON.stringify({ inputs: golden(inputs), outputs: golden(outputs) })),
  });
  const deployed = await serving.fetchJson('POST', '/serving/v1/deployments', { name, model_name: name, fallback_value: 0, replicas: 1 });
  if (deployed.status !== 201) throw new Error(`not deployed: ${JSON.stringify(deployed.body)}`);
  await serving.rollOut(name, versionId);
  await waitUntil(`${name} is ready`, async () => (await serving.fetchJson('GET', `/v2/models/${name}/versions/1/ready`)).status === 200);
}
