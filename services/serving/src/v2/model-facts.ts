import type { DeploymentRuntime } from '../fleet/deployment-runtime.js';
import type { ServedVersion } from '../fleet/served-version.js';
import { isByRow, type TensorSpec } from '../tensor/tensor.js';

const PLATFORM = 'onnxruntime_onnx';

/** Triton's names. Those of shared memory, sequences, model control, traces and logging are left out: what they promise is refused. */
const EXTENSIONS = ['classification', 'schedule_policy', 'model_configuration', 'binary_tensor_data', 'parameters', 'statistics'] as const;

/** What both transports tell about the server. */
export const serverMetadata = { name: 'cairn', version: '1', extensions: EXTENSIONS } as const;

/** The version that a question without one is about: the live one, else the one that is being rolled out. */
export function shownVersion({ shown }: DeploymentRuntime): ServedVersion | undefined {
  return shown;
}

export function modelMetadata(runtime: DeploymentRuntime, shown: ServedVersion | undefined) {
  const { inputs = [], outputs = [] } = shown?.signature ?? {};
  return { name: runtime.deployment.name, versions: versionsOf(runtime).map(textOf), platform: PLATFORM, inputs: inputs.map(tensorMetadata), outputs: outputs.map(tensorMetadata) };
}

/**
 * A version is ready when a replica has proved it and the kill switch is off. Where the fallback answers, because no version is live or because the switch is on, the model
 * is ready.
 */
export function isModelReady({ group, killed }: DeploymentRuntime, asked: ServedVersion | undefined): boolean {
  return asked === undefined || (!killed && group.ready(asked.versionId).length > 0);
}

/**
 * The model configuration as Triton writes it in JSON (common/protobuf/model_config.proto). `max_batch_size` 0 says that requests are no rows; else `dims` leave the
 * first length out.
 */
export function modelConfig({ deployment, group }: DeploymentRuntime, shown: ServedVersion | undefined) {
  const { inputs = [], outputs = [] } = shown?.signature ?? {};
  const { maxRows, preferredRows, delayUs, maxQueued } = deployment.batching;
  const byRow = inputs[0]?.shape[0] === -1 && isByRow([...inputs, ...outputs]);
  const tensor = ({ name, datatype, shape }: TensorSpec) => ({ name, data_type: dataTypeOf(datatype), ...(byRow ? dimsOfRow(shape) : { dims: shape }) });
  const queue = { timeout_action: 'REJECT', default_timeout_microseconds: 0, allow_timeout_override: true, max_queue_size: maxQueued };
  return {
    name: deployment.name,
    platform: PLATFORM,
    backend: 'onnxruntime',
    version_policy: { specific: { versions: shown === undefined ? [] : [shown.version] } },
    max_batch_size: byRow ? maxRows : 0,
    input: inputs.map(tensor),
    output: outputs.map(tensor),
    instance_group: [{ name: deployment.name, kind: 'KIND_CPU', count: deployment.replicas }],
    default_model_filename: 'model.onnx',
    ...(byRow && shown !== undefined && group.sharesRuns(shown.versionId) && {
      dynamic_batching: {
        preferred_batch_size: preferredRows,
        max_queue_delay_microseconds: delayUs,
        priority_levels: 1_000,
        default_priority_level: 500,
        default_queue_policy: queue,
      },
    }),
    parameters: shown === undefined ? {} : { digest: { string_value: shown.digest } },
  };
}

/** Every version that deployments of a workspace run, and whether it answers; a deployment without one has its fallback. */
export function repositoryIndex(runtimes: readonly DeploymentRuntime[], workspace: string, readyOnly: boolean) {
  return runtimes
    .filter((runtime) => runtime.workspace === workspace)
    .flatMap((runtime) => {
      const { name } = runtime.deployment;
      return versionsOf(runtime).map((version) => {
        const ready = isModelReady(runtime, version);
        const reason = runtime.killed ? 'the kill switch is on' : 'no replica has proved the version';
        return { name, version: textOf(version), state: ready ? 'READY' : 'UNAVAILABLE', reason: ready ? '' : reason };
      });
    })
    .filter(({ state }) => !readyOnly || state === 'READY')
    .sort((one, other) => one.name.localeCompare(other.name) || Number(one.version) - Number(other.version));
}

function versionsOf({ live, candidate }: DeploymentRuntime): readonly ServedVersion[] {
  return [live, candidate?.version].filter((version) => version !== undefined);
}

function textOf({ version }: ServedVersion): string {
  return String(version);
}

function tensorMetadata({ name, datatype, shape }: TensorSpec) {
  return { name, datatype, shape };
}

/** Triton has no dimensions of length none: one value for each row is a length of one that the model does not see. */
function dimsOfRow(shape: readonly number[]): { readonly dims: readonly number[]; readonly reshape?: { readonly shape: readonly number[] } } {
  return shape.length > 1 ? { dims: shape.slice(1) } : { dims: [1], reshape: { shape: [] } };
}

function dataTypeOf(datatype: string): string {
  return datatype === 'BYTES' ? 'TYPE_STRING' : `TYPE_${datatype}`;
}
