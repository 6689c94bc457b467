import type { EventOf, Plain, tracking } from '@cairn/contracts';

type RunEvent = EventOf<
  | tracking.RunStarted
  | tracking.ParamsLogged
  | tracking.MetricsLogged
  | tracking.RunTagsSet
  | tracking.RunTagRemoved
  | tracking.InputsLogged
  | tracking.ArtifactLogged
  | tracking.ArtifactRemoved
  | tracking.RunFinished
  | tracking.RunResumed
  | tracking.CriteriaJudged
  | tracking.LoggedModelArtifactLogged
  | tracking.LoggedModelArtifactRemoved
>;

export interface Metric {
  readonly value: number;
  readonly step: bigint;
  readonly timestampMs: bigint;
}

export interface LoggedFile {
  readonly digest: string;
  readonly sizeBytes: bigint;
}

/** What a run's own stream says about it. Whoever started it is not among it: that is about a person, and sealed. */
export interface RunFacts {
  readonly runId: string;
  readonly name: string;
  readonly experimentId: string;
  /** Milliseconds since 1970, as the client says. */
  readonly startTimeMs: bigint;
  /** Undefined while it runs. */
  readonly finish: { readonly status: string; readonly endTimeMs: bigint } | undefined;
  readonly tags: ReadonlyMap<string, string>;
  readonly params: ReadonlyMap<string, Plain<tracking.Param>>;
  /** The latest of each key. */
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly inputs: readonly Plain<tracking.DatasetInput>[];
  /** By path below the run's artifact root. */
  readonly files: ReadonlyMap<string, LoggedFile>;
  readonly criteriaVersion: number;
  /** Undefined until then. */
  readonly judged: { readonly criteriaVersion: number; readonly verdict: string; readonly results: readonly Plain<tracking.CriterionResult>[] } | undefined;
}

/** Undefined when the events hold no start. */
export function foldRun(events: readonly { readonly type: string; readonly data: object }[]): RunFacts | undefined {
  let run: RunFacts | undefined;
  for (const event of events as readonly RunEvent[]) {
    if (event.type === 'cairn.tracking.v1.RunStarted') run = started(event.data);
    else if (run !== undefined) run = after(run, event);
  }
  return run;
}

/** What lies in a logged model's folder. */
export function foldFiles(events: readonly { readonly type: string; readonly data: object }[]): ReadonlyMap<string, LoggedFile> {
  let files: ReadonlyMap<string, LoggedFile> = new Map();
  for (const event of events as readonly RunEvent[]) files = filesAfter(files, event);
  return files;
}

function started({ runId, name, experimentId, startTimeMs, tags, criteriaVersion }: Plain<tracking.RunStarted>): RunFacts {
  const none = { params: new Map(), metrics: new Map(), inputs: [], files: new Map(), finish: undefined, judged: undefined };
  return { runId, name, experimentId, startTimeMs, tags: new Map(tags.map(({ key, value }) => [key, value])), criteriaVersion, ...none };
}

function after(run: RunFacts, event: RunEvent): RunFacts {
  switch (event.type) {
    case 'cairn.tracking.v1.ParamsLogged':
      return { ...run, params: new Map([...run.params, ...event.data.params.map((param) => [param.key, param] as const)]) };
    case 'cairn.tracking.v1.MetricsLogged':
      return { ...run, metrics: metricsAfter(run.metrics, event.data) };
    case 'cairn.tracking.v1.RunTagsSet':
      return { ...run, tags: new Map([...run.tags, ...event.data.tags.map(({ key, value }) => [key, value] as const)]) };
    case 'cairn.tracking.v1.RunTagRemoved': {
      const removed = event.data.key;
      return { ...run, tags: new Map([...run.tags].filter(([key]) => key !== removed)) };
    }
    case 'cairn.tracking.v1.InputsLogged':
      return { ...run, inputs: [...run.inputs, ...event.data.datasets] };
    case 'cairn.tracking.v1.RunFinished':
      return { ...run, finish: { status: event.data.status, endTimeMs: event.data.endTimeMs } };
    case 'cairn.tracking.v1.RunResumed':
      // What it was judged by no longer is its last word.
      return { ...run, finish: undefined, judged: undefined };
    case 'cairn.tracking.v1.CriteriaJudged': {
      const { criteriaVersion, verdict, results } = event.data;
      return { ...run, judged: { criteriaVersion, verdict, results } };
    }
    default:
      return { ...run, files: filesAfter(run.files, event) };
  }
}

/** The latest is the greatest by step, then time, then value, as MLflow has it. */
function metricsAfter(before: ReadonlyMap<string, Metric>, { keys, values, steps, timestampsMs }: Plain<tracking.MetricsLogged>): ReadonlyMap<string, Metric> {
  const metrics = new Map(before);
  keys.forEach((key, index) => {
    const point = { value: values[index] ?? Number.NaN, step: steps[index] ?? 0n, timestampMs: timestampsMs[index] ?? 0n };
    const known = metrics.get(key);
    if (known === undefined || isLater(point, known)) metrics.set(key, point);
  });
  return metrics;
}

function isLater(one: Metric, other: Metric): boolean {
  if (one.step !== other.step) return one.step > other.step;
  if (one.timestampMs !== other.timestampMs) return one.timestampMs > other.timestampMs;
  return one.value > other.value;
}

function filesAfter(files: ReadonlyMap<string, LoggedFile>, event: RunEvent): ReadonlyMap<string, LoggedFile> {
  switch (event.type) {
    case 'cairn.tracking.v1.ArtifactLogged':
    case 'cairn.tracking.v1.LoggedModelArtifactLogged': {
      const { path, digest, sizeBytes } = event.data;
      return new Map([...files, [path, { digest, sizeBytes }]]);
    }
    case 'cairn.tracking.v1.ArtifactRemoved':
    case 'cairn.tracking.v1.LoggedModelArtifactRemoved': {
      const gone = event.data.path;
      return new Map([...files].filter(([path]) => gone !== '' && path !== gone && !path.startsWith(`${gone}/`)));
    }
    default:
      return files;
  }
}
