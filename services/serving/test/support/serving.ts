import { chmod, readFile, writeFile } from 'node:fs/promises';
import { encodeEvent, type EventOf, type registry } from '@cairn/contracts';
import { newId, streamName } from '@cairn/kernel';
import { startTestService, waitUntil, type TestService, type TestServiceOptions } from '@cairn/testing';
import { DataSource } from 'typeorm';
import { service } from '../../src/app.module.js';
import { Fleet } from '../../src/fleet/fleet.js';
import type { Replica } from '../../src/replica/replica.js';
import type { TensorSpec } from '../../src/tensor/tensor.js';
import { goldenOf } from './golden.js';
import { logisticOnnx, type LogisticModel } from './onnx-model.js';

export const COLUMNS = ['distance', 'hour'];
export const MODEL: LogisticModel = { weights: [0.5, -1], bias: 0.25 };

type RegistryEvent = EventOf<
  | registry.ModelVersionCreated
  | registry.VersionPromoted
  | registry.AliasRemoved
  | registry.ModelRenamed
  | registry.ModelDeleted
  | registry.ModelRestored
  | registry.ModelVersionDeleted
  | registry.ModelVersionRestored
>;

export interface VersionOptions {
  readonly model?: LogisticModel;
  /** What is recorded as golden answer; the model's own by default. */
  readonly goldenModel?: LogisticModel;
  readonly golden?: Buffer | 'none';
  readonly onnx?: Buffer;
  readonly promoted?: boolean;
  readonly modelName?: string;
  readonly modelId?: string;
  readonly version?: number;
  readonly columns?: readonly string[];
  /** Of `onnx`; that of the logistic model by default. */
  readonly signature?: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] };
}

/** A serving service with what the registry would have said before it. */
export interface Serving extends TestService {
  /** Records a model version as the registry does; returns its id. */
  version(options?: VersionOptions): Promise<string>;
  /** Records what the registry says of a model. */
  registered(modelId: string, event: RegistryEvent): Promise<void>;
  /** Records that no version carries the alias `champion` any more. */
  removeAlias(previousVersionId: string): Promise<void>;
  deploy(name?: string, replicas?: number): Promise<string>;
  /** Starts a rollout; returns its id. */
  rollOut(name: string, versionId: string, more?: object): Promise<string>;
  infer(name: string, rows: readonly (readonly number[])[], more?: object): ReturnType<TestService['fetchJson']>;
  /** Sends as many requests of one row and advances. */
  advance(name: string, rolloutId: string, requests: number): ReturnType<TestService['fetchJson']>;
  /** Ends a replica as a crash would; returns its id. */
  killReplica(name: string): Promise<string>;
  /** As killReplica, while it runs a request: the first that is ready, or the one `turn` places behind it. Throws when nobody keeps it busy before `signal` aborts. */
  killBusyReplica(name: string, turn: number, signal: AbortSignal): Promise<string>;
  /** Changes a byte of the model that a rollout brings, as it lies in the object store. */
  damageModel(rolloutId: string): Promise<void>;
  /** From shadow to completed. */
  complete(name: string, rolloutId: string): Promise<void>;
}

export async function startServing(options?: TestServiceOptions): Promise<Serving> {
  const started = await startTestService(service, options);
  const { fetchJson, store, running } = started;
  const objects = running.parts.objectStore;

  async function append(stream: string, event: RegistryEvent): Promise<void> {
    const meta = { source: '/model-registry', workspace: 'default', actor: { principal: 'local' }, correlationId: newId() };
    await store.append([{ stream, expected: 'any', events: [{ id: newId(), type: event.type, data: encodeEvent(event), meta }] }]);
  }

  const readyReplica = (name: string, turn: number): Replica => {
    const runtime = running.app.get(Fleet).find('default', name);
    const ready = runtime?.group.ready((runtime.candidate?.version ?? runtime.live)?.versionId ?? '') ?? [];
    const replica = ready[turn % ready.length];
    if (replica === undefined) throw new Error(`no replica of ${name} is ready`);
    return replica;
  };

  const serving: Serving = {
    ...started,
    store,
    async version(options = {}) {
      const { model = MODEL, goldenModel = model, golden, onnx, promoted = true, modelName = 'flight-delay', modelId = newId(), version = 1, columns = COLUMNS } = options;
      const versionId = newId();
      const file = await objects.put(onnx ?? logisticOnnx(model));
      const answer = golden === 'none' ? undefined : await objects.put(golden ?? goldenOf(goldenModel, [columns.map((_, index) => index + 1)]));
      const tensor = (name: string, width: bigint, names: readonly string[]) => ({ name, datatype: 'FP32', shape: [-1n, width], columns: [...names] });
      const plain = ({ name, datatype, shape }: TensorSpec) => ({ name, datatype, shape: shape.map(BigInt), columns: [] });
      const signature = {
        inputs: options.signature?.inputs.map(plain) ?? [tensor('features', BigInt(columns.length), columns)],
        outputs: options.signature?.outputs.map(plain) ?? [tensor('probability', 1n, [])],
      };
      const data = {
        versionId, modelId, modelName, version, runId: 'run', source: 'model.onnx', digest: file.digest, sizeBytes: BigInt(file.sizeBytes), signature,
        trainingSetId: '', goldenDigest: answer?.digest ?? '', description: '', tags: [],
        storageLocation: '', copiedFromVersionId: '', loggedModelId: '', runLink: '',
      };
      await append(streamName('model-version', versionId), { type: 'cairn.registry.v1.ModelVersionCreated', data });
      if (promoted) await append(streamName('model-version', versionId), { type: 'cairn.registry.v1.VersionPromoted', data: { versionId, alias: 'champion' } });
      return versionId;
    },
    registered: (modelId, event) => append(streamName('registered-model', modelId), event),
    async removeAlias(previousVersionId) {
      const data = { modelId: newId(), alias: 'champion', previousVersionId };
      await append(streamName('registered-model', data.modelId), { type: 'cairn.registry.v1.AliasRemoved', data });
    },
    async deploy(name = 'delays', replicas = 2) {
      const { status, body } = await fetchJson('POST', '/serving/v1/deployments', { name, model_name: 'flight-delay', fallback_value: 0.25, replicas });
      if (status !== 201) throw new Error(`not deployed: ${JSON.stringify(body)}`);
      return name;
    },
    async rollOut(name, versionId, more = {}) {
      const { status, body } = await fetchJson('POST', `/serving/v1/deployments/${name}/rollouts`, { version_id: versionId, minimum_requests: 2, ...more });
      if (status !== 201) throw new Error(`not started: ${JSON.stringify(body)}`);
      return body.rollout_id;
    },
    infer: (name, rows, more = {}) =>
      fetchJson('POST', `/v2/models/${name}/infer`, {
        inputs: [{ name: 'features', shape: [rows.length, rows[0]?.length ?? 0], datatype: 'FP32', data: rows }],
        ...more,
      }),
    async advance(name, rolloutId, requests) {
      for (let sent = 0; sent < requests; sent += 1) await serving.infer(name, [[1, 2]]);
      return fetchJson('POST', `/serving/v1/deployments/${name}/rollouts/${rolloutId}/advance`);
    },
    async killReplica(name) {
      const replica = readyReplica(name, 0);
      await replica.close();
      return replica.id;
    },
    async killBusyReplica(name, turn, signal) {
      const replica = readyReplica(name, turn);
      let isLost = false;
      void replica.lost.then(() => (isLost = true));
      await waitUntil(`replica ${replica.id} is busy`, () => replica.pending > 0 || isLost || signal.aborted);
      signal.throwIfAborted();
      await replica.close();
      return replica.id;
    },
    async damageModel(rolloutId) {
      const [row] = await running.app.get(DataSource).query('SELECT digest FROM rollout WHERE rollout_id = $1', [rolloutId]);
      const path = await objects.localPath(row.digest);
      const bytes = await readFile(path);
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
      await chmod(path, 0o600);
      await writeFile(path, bytes);
    },
    async complete(name, rolloutId) {
      for (const weight of [0, 0.5, 1]) {
        const { status, body } = await serving.advance(name, rolloutId, weight === 0.5 ? 200 : 2);
        if (status !== 200) throw new Error(`not advanced: ${JSON.stringify(body)}`);
      }
    },
  };
  return serving;
}
