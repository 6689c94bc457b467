/** A server that reads local files, or climbs out of a run's folder, on behalf of a caller would hand out what is not theirs. */
const SCHEMES = /^(?:(?:runs|models|mlflow-artifacts|s3|gs|abfss?|wasbs?|dbfs|hdfs|https):\/|dummy-source$)/;
const MAX_LENGTH = 1_000;
const MAX_DECODINGS = 5;
const LOGGED_MODEL = /^models:\/(m-[0-9a-f]{32})$/;
const REGISTERED = /^models:\/([^/@]+)\/(\d{1,9})$/;
const RUN = /^runs:\/([0-9a-fA-F-]{32,36})(?:\/|$)/;

/**
 * Whether a version may name this as the place of its model: an artifact URI whose path does not climb, however often it is percent-encoded.
 * `dummy-source` is what MLflow's client gives prompts.
 */
export function isSafeSource(source: string): boolean {
  if (source.length > MAX_LENGTH || !SCHEMES.test(source)) return false;
  let decoded = source;
  for (let round = 0; round < MAX_DECODINGS; round += 1) {
    if (climbs(decoded)) return false;
    const next = decodedOnce(decoded);
    if (next === decoded) return true;
    decoded = next;
  }
  return false;
}

/** What a source names within Cairn; `other` is a place that nobody here can look into. */
export type NamedSource =
  | { readonly kind: 'logged-model'; readonly loggedModelId: string }
  | { readonly kind: 'version'; readonly name: string; readonly version: number }
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'unclear' }
  | { readonly kind: 'other' };

/** `models:/` names a logged model by id or a version by name and number; anything else behind it is unclear. */
export function namedSource(source: string): NamedSource {
  const loggedModelId = LOGGED_MODEL.exec(source)?.[1];
  if (loggedModelId !== undefined) return { kind: 'logged-model', loggedModelId };
  const [, name, version] = REGISTERED.exec(source) ?? [];
  if (name !== undefined && version !== undefined) return { kind: 'version', name, version: Number(version) };
  const runId = RUN.exec(source)?.[1];
  if (runId !== undefined) return { kind: 'run', runId: runId.replaceAll('-', '').toLowerCase() };
  return { kind: source.startsWith('models:') ? 'unclear' : 'other' };
}

function climbs(path: string): boolean {
  return /[\\\p{Cc}]/u.test(path) || path.split(/[/?#;]/).some((part) => part.trim() === '..');
}

/** ASCII alone: whatever else is encoded can neither climb nor divide a path. */
function decodedOnce(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
