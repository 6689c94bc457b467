/** A server that reads local files, or climbs out of a run's folder, on behalf of a caller would hand out what is not theirs. */
const SCHEMES = /^(?:(?:runs|models|mlflow-artifacts|s3|https):\/|dummy-source$)/;
const MAX_LENGTH = 1_000;
const MAX_DECODINGS = 5;

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

function climbs(path: string): boolean {
  return /[\\\p{Cc}]/u.test(path) || path.split(/[/?#;]/).some((part) => part.trim() === '..');
}

/** ASCII alone: whatever else is encoded can neither climb nor divide a path. */
function decodedOnce(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
