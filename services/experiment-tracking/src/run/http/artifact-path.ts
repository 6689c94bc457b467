import { invalidParameter } from '@cairn/mlflow';
import { convertModelId } from '../../logged-model/http/model-id.js';
import { convertRunId } from './run-id.js';

const MAX_PATH_LENGTH = 1_000;
const MAX_DECODINGS = 5;

/** What artifacts belong to. */
export interface ArtifactOwner {
  readonly kind: 'run' | 'logged-model';
  readonly id: string;
}

/** What MLflow's client takes a run's artifacts from: `mlflow-artifacts:/<experiment>/<run>/artifacts`. */
export function artifactRoot(experimentId: string, runId: string): string {
  return `mlflow-artifacts:/${experimentId}/${runId}/artifacts`;
}

/** `<experiment>/<run>/artifacts/<path>` or `<experiment>/models/<model>/artifacts/<path>` → the owner and the path below its root, which may be empty. */
export function splitProxyPath(proxyPath: string): { readonly owner: ArtifactOwner; readonly path: string } {
  const [, ...below] = proxyPath.replace(/^\/+|\/+$/g, '').split('/');
  const isModel = below[0] === 'models';
  const [wireId = '', folder, ...rest] = isModel ? below.slice(1) : below;
  const id = isModel ? convertModelId(wireId) : convertRunId(wireId);
  if (id === undefined || folder !== 'artifacts') {
    throw invalidParameter('Invalid path: artifacts lie under <experiment>/<run>/artifacts, or under <experiment>/models/<model>/artifacts.');
  }
  return { owner: { kind: isModel ? 'logged-model' : 'run', id }, path: safePath(rest.join('/')) };
}

/** The same for a path that has to name a file. */
export function splitFilePath(proxyPath: string): { readonly owner: ArtifactOwner; readonly path: string } {
  const split = splitProxyPath(proxyPath);
  if (split.path === '') throw invalidParameter('Invalid path: it names no file.');
  return split;
}

/** A path relative to its owner's root, without a slash at its end. Throws when it climbs, is absolute or is none, however often it is percent-encoded. */
export function safePath(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed === '') return '';
  let decoded = trimmed;
  for (let round = 0; round <= MAX_DECODINGS; round += 1) {
    if (!isPlain(decoded)) throw invalidParameter('Invalid path: it must be relative, without empty, "." or ".." parts, backslashes or control characters.');
    const next = decodedOnce(decoded);
    if (next === decoded) break;
    if (round === MAX_DECODINGS) throw invalidParameter('Invalid path: it is encoded too often.');
    decoded = next;
  }
  if (trimmed.length > MAX_PATH_LENGTH) throw invalidParameter(`Invalid path: it has more than ${MAX_PATH_LENGTH} characters.`);
  return trimmed;
}

function isPlain(path: string): boolean {
  return !/[\\\p{Cc}\p{Surrogate}]/u.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** ASCII alone: nothing else can climb or divide. */
function decodedOnce(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
