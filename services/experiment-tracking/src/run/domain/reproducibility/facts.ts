/** What is recorded of a run, as far as a rerun needs it. */
export interface RunRecord {
  readonly runId: string;
  readonly tags: readonly Pair[];
  readonly params: readonly RecordedParam[];
  readonly inputs: readonly { readonly name: string; readonly digest: string; readonly context: string }[];
  readonly artifacts: readonly { readonly path: string; readonly digest: string }[];
  readonly metricKeys: readonly string[];
}

export interface Pair {
  readonly key: string;
  readonly value: string;
}

export interface RecordedParam extends Pair {
  readonly origin: string;
  readonly library: string;
  readonly libraryVersion: string;
}

export interface Known {
  readonly what: string;
  readonly value: string;
  /** The record that says so, e.g. `tag mlflow.source.git.commit`. */
  readonly from: string;
}

export interface Missing {
  readonly what: string;
  /** What to call next time, or on this run. */
  readonly how: string;
}

export interface Part {
  readonly known: readonly Known[];
  readonly missing: readonly Missing[];
}

export function tagOf({ tags }: RunRecord, key: string): string | undefined {
  const value = tags.find((tag) => tag.key === key)?.value;
  return value === '' ? undefined : value;
}

/** The tag as something known, or as something missing. */
export function fromTag(run: RunRecord, what: string, key: string, how: string): Part {
  const value = tagOf(run, key);
  return value === undefined ? { known: [], missing: [{ what, how }] } : { known: [{ what, value, from: `tag ${key}` }], missing: [] };
}

export function together(...parts: readonly Part[]): Part {
  return { known: parts.flatMap(({ known }) => known), missing: parts.flatMap(({ missing }) => missing) };
}
