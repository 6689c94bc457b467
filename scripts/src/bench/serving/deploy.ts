import { setTimeout as delay } from 'node:timers/promises';
import { encodeEvent, type EventOf, type registry } from '@cairn/contracts';
import { PostgresEventStore } from '@cairn/event-store';
import { newId, streamName } from '@cairn/kernel';
import { openObjectStore } from '@cairn/object-store';
import type { CairnReady } from '../cairn-process.js';
import type { BenchModel } from './models.js';

const POLL_MS = 100;
/** More than a stage's minimum, at a weight of a half. */
const REQUESTS_A_STAGE = 50;

/** A deployment and how it batches; nothing said: the defaults. */
export interface Deployed {
  readonly name: string;
  readonly batching?: { readonly max_rows: number };
}

/**
 * Says what the registry would have said of a model, and rolls it out through Cairn's API until it is live, under each of the names. The golden answer is the answer of
 * the runtime itself for zeros, where the scores are those of the biases.
 */
export async function deploy({ serving, database, objects }: CairnReady, model: BenchModel, golden: Buffer, deployments: readonly Deployed[]): Promise<void> {
  const send = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const sent = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${serving}${path}`, { method, ...sent });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const versionId = await recordVersion({ database, objects }, model, golden);
  for (const { name, batching } of deployments) {
    await send('POST', '/serving/v1/deployments', { name, model_name: model.name, replicas: 1 });
    if (batching !== undefined) await send('PUT', `/serving/v1/deployments/${name}/batching`, batching);
    const rollouts = `/serving/v1/deployments/${name}/rollouts`;
    const { rollout_id: rolloutId } = await send('POST', rollouts, { version_id: versionId, minimum_requests: 2, canary_weight: 0.5 });
    for (let stage = 0; stage < 3; stage += 1) {
      const proved = async () => ((await send('GET', `${rollouts}/${String(rolloutId)}`))['proofs'] as { proved: boolean }[]).some((proof) => proof.proved);
      while (!(await proved())) await delay(POLL_MS);
      for (let sent = 0; sent < REQUESTS_A_STAGE; sent += 1) await send('POST', `/v2/models/${name}/infer`, { inputs: [zeros(model)] });
      await send('POST', `${rollouts}/${String(rolloutId)}/advance`);
    }
  }
}

export const zeros = ({ widths: [width = 0] }: BenchModel): object => ({ name: 'features', shape: [1, width], datatype: 'FP32', data: new Array<number>(width).fill(0) });

async function recordVersion({ database, objects }: Pick<CairnReady, 'database' | 'objects'>, model: BenchModel, golden: Buffer): Promise<string> {
  const objectStore = await openObjectStore(objects);
  const store = await PostgresEventStore.open({ url: database });
  const [versionId, modelId] = [newId(), newId()];
  const [file, answer] = [await objectStore.put(model.onnx), await objectStore.put(golden)];
  const tensor = (name: string, width = 0) => ({ name, datatype: 'FP32', shape: [-1n, BigInt(width)], columns: Array.from({ length: width }, (_, column) => `${name}${column}`) });
  const created: EventOf<registry.ModelVersionCreated> = {
    type: 'cairn.registry.v1.ModelVersionCreated',
    data: {
      versionId, modelId, modelName: model.name, version: 1, runId: 'bench', source: 'model.onnx', digest: file.digest, sizeBytes: BigInt(file.sizeBytes), trainingSetId: '',
      signature: { inputs: [tensor('features', model.widths[0])], outputs: [tensor('score', model.widths.at(-1))] }, goldenDigest: answer.digest, description: '', tags: [],
      storageLocation: '', copiedFromVersionId: '', loggedModelId: '', runLink: '',
    },
  };
  const promoted: EventOf<registry.VersionPromoted> = { type: 'cairn.registry.v1.VersionPromoted', data: { versionId, alias: 'champion' } };
  const meta = { source: '/model-registry', workspace: 'default', actor: { principal: 'local' }, correlationId: newId() };
  const events = [created, promoted].map((event) => ({ id: newId(), type: event.type, data: encodeEvent(event), meta }));
  await store.append([{ stream: streamName('model-version', versionId), expected: 'none', events }]);
  await store.close();
  await objectStore.close();
  return versionId;
}
