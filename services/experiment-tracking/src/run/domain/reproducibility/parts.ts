import { fromTag, tagOf, together, type Known, type Part, type RunRecord } from './facts.js';

const COMMIT = 'mlflow.source.git.commit';
const REPOSITORY = 'mlflow.source.git.repoURL';
const DIRTY = 'mlflow.source.git.dirty';
const DIFF = 'mlflow.source.git.diff';

/** MLflow's client sets the commit by itself when the program lies in a repository; whether files were changed it says only when it is asked to. */
export function codeOf(run: RunRecord): Part {
  return together(
    fromTag(run, 'code version', COMMIT, `mlflow.set_tag("${COMMIT}", "<git rev-parse HEAD>"), or run the program from inside a git repository with GitPython installed`),
    fromTag(run, 'repository', REPOSITORY, `mlflow.set_tag("${REPOSITORY}", "<git remote get-url origin>")`),
    changesOf(run),
  );
}

function changesOf(run: RunRecord): Part {
  const [dirty, diff] = [tagOf(run, DIRTY)?.toLowerCase(), tagOf(run, DIFF)];
  if (dirty === 'false') return { known: [{ what: 'uncommitted changes', value: 'none', from: `tag ${DIRTY}` }], missing: [] };
  if (diff !== undefined) return { known: [{ what: 'uncommitted changes', value: 'recorded as a diff', from: `tag ${DIFF}` }], missing: [] };
  if (dirty === 'true') {
    return { known: [], missing: [{ what: 'uncommitted changes: there were some', how: `commit before the run, or mlflow.set_tag("${DIFF}", "<git diff>")` }] };
  }
  return { known: [], missing: [{ what: 'uncommitted changes: nobody said whether there were any', how: `mlflow.set_tag("${DIRTY}", "false") when git status is clean` }] };
}

export function entryPointOf(run: RunRecord): Part {
  const key = ['cairn.entry_point', 'mlflow.project.entryPoint', 'mlflow.source.name'].find((name) => tagOf(run, name) !== undefined) ?? 'mlflow.source.name';
  return fromTag(run, 'entry point', key, 'mlflow.set_tag("cairn.entry_point", "python train.py --epochs 10")');
}

/** What environments are installed from. */
export const LOCK_FILES: readonly string[] = [
  'uv.lock', 'poetry.lock', 'Pipfile.lock', 'package-lock.json', 'conda-lock.yml', 'requirements.txt', 'conda.yaml', 'python_env.yaml',
];
const ENVIRONMENT = 'cairn.environment.digest';

/** What a run's environment was installed from, by the name of the file. */
export function isLockFile(path: string): boolean {
  return LOCK_FILES.includes(path.split('/').at(-1) ?? '');
}

export function environmentOf(run: RunRecord): Part {
  const tagged = tagOf(run, ENVIRONMENT);
  const known: Known[] = [
    ...(tagged === undefined ? [] : [{ what: 'environment', value: tagged, from: `tag ${ENVIRONMENT}` }]),
    ...run.artifacts.filter(({ path }) => isLockFile(path)).map(({ path, digest }) => ({ what: 'environment', value: digest, from: `artifact ${path}` })),
  ];
  const files = LOCK_FILES.slice(1).join(', ');
  const how = `mlflow.log_artifact("uv.lock") (or ${files}), or mlflow.set_tag("${ENVIRONMENT}", "sha256:…") with the digest of the lock file or image`;
  return known.length > 0 ? { known, missing: [] } : { known, missing: [{ what: 'environment', how }] };
}

/**
 * A digest that names the whole content: at least 24 hex digits, perhaps after the name of an algorithm. MLflow's own are 8 digits long and cover at most the first
 * 10,000 rows (`mlflow/data/digest_utils.py`), and its client cuts what is longer than 36 characters.
 */
const WHOLE_CONTENT = /^(?:[a-z0-9-]+:)?[0-9a-f]{24,}$/i;

export function dataOf({ inputs }: RunRecord): Part {
  if (inputs.length === 0) {
    const how = 'mlflow.log_input(mlflow.data.from_pandas(df, name="flights", digest="<SHA-256 of the file>"), context="training")';
    return { known: [], missing: [{ what: 'data inputs', how }] };
  }
  const nameOf = (name: string, context: string): string => (context === '' ? name : `${name} (${context})`);
  return {
    known: inputs.map(({ name, digest, context }) => ({ what: `data ${nameOf(name, context)}`, value: digest, from: `input ${name}` })),
    missing: inputs.filter(({ digest }) => !WHOLE_CONTENT.test(digest)).map(({ name, digest, context }) => ({
      what: `digest of the whole content of ${nameOf(name, context)}: ${digest} is too short to be one`,
      how: `pass digest="<SHA-256 of the file>" when the dataset is made, e.g. mlflow.data.from_pandas(df, name="${name}", digest=…); MLflow's own covers a part of the rows`,
    })),
  };
}

const SEED = /(?:^|[._/ -])(?:seed|random_state|random_seed|\w+_seed)$/i;
const NO_SEED: readonly string[] = ['none', 'null', '', 'nan'];

export function seedsOf({ params, tags }: RunRecord): Part {
  const pairs = [...params.map(({ key, value }) => ({ key, value, from: `param ${key}` })), ...tags.map(({ key, value }) => ({ key, value, from: `tag ${key}` }))];
  const named = pairs.filter(({ key }) => SEED.test(key));
  const known = named.filter(({ value }) => !NO_SEED.includes(value.toLowerCase())).map(({ key, value, from }) => ({ what: `seed ${key}`, value, from }));
  const unset = named.filter(({ value }) => NO_SEED.includes(value.toLowerCase()));
  const missing = unset.map(({ key, value }) => ({ what: `seed: ${key} was ${value === '' ? 'empty' : value}, so each run draws another`, how: `pass a number as ${key}` }));
  const none = { what: 'seeds', how: 'mlflow.log_param("random_seed", 42), and pass the same number to every generator' };
  return { known, missing: known.length === 0 && unset.length === 0 ? [none] : missing };
}

const HARDWARE = /^cairn\.hardware\.\w+$/;
const GPU = /^system\/gpu_(\d+)_/;

export function hardwareOf({ tags, params, metricKeys }: RunRecord): Part {
  const declared = [...tags.map((pair) => ({ ...pair, from: `tag ${pair.key}` })), ...params.map((pair) => ({ ...pair, from: `param ${pair.key}` }))]
    .filter(({ key, value }) => HARDWARE.test(key) && value !== '')
    .map(({ key, value, from }) => ({ what: key.slice('cairn.'.length).replaceAll('.', ' ').replaceAll('_', ' '), value, from }));
  const gpus = new Set(metricKeys.flatMap((key) => GPU.exec(key)?.[1] ?? []));
  const observed = gpus.size === 0 ? [] : [{ what: 'hardware GPUs that were seen', value: String(gpus.size), from: 'metrics system/gpu_…' }];
  const how = 'mlflow.set_tags({f"cairn.hardware.{name}": value for …}) with cpu_model, cpu_count, memory_gib, and gpu_model and gpu_count where there are GPUs';
  return { known: [...declared, ...observed], missing: declared.length > 0 ? [] : [{ what: 'hardware', how }] };
}

const LIBRARY = 'cairn.library.';

/** A lock file holds the versions of all libraries; a tag or a default speaks of one. */
export function librariesOf(run: RunRecord): Part {
  const tags = run.tags.filter(({ key }) => key.startsWith(LIBRARY));
  const tagged = tags.map(({ key, value }) => ({ what: `library ${key.slice(LIBRARY.length)}`, value, from: `tag ${key}` }));
  const defaulted = new Map(run.params.filter(({ origin }) => origin === 'default').map((param) => [`${param.library} ${param.libraryVersion}`, param]));
  const ofDefaults = [...defaulted.values()].map(({ key, library, libraryVersion }) => ({ what: `library ${library}`, value: libraryVersion, from: `default of param ${key}` }));
  const locked = run.artifacts.filter(({ path }) => isLockFile(path)).map(({ path }) => ({ what: 'libraries', value: 'listed', from: `artifact ${path}` }));
  const known = [...tagged, ...ofDefaults, ...locked];
  const how = `mlflow.log_artifact("requirements.txt") with pinned versions, or mlflow.set_tag("${LIBRARY}scikit-learn", sklearn.__version__)`;
  return { known, missing: known.length > 0 ? [] : [{ what: 'library versions', how }] };
}
