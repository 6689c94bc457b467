import type { Plain, tracking } from '@cairn/contracts';
import type { Origin } from '../facts/origin.js';
import type { DatasetVersionFacts } from '../facts/data-facts.js';

/** ResourceDescriptor of in-toto, as far as it is used here. */
export interface Resource {
  readonly name: string;
  readonly uri: string;
  readonly digest?: Readonly<Record<string, string>>;
  readonly annotations?: object;
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const SHA256 = /^(?:sha256:)?([0-9a-f]{64})$/;
/** Files by which an environment can be made again, or at least approached. */
const ENVIRONMENT_FILES = /(?:^|\/)(?:uv\.lock|poetry\.lock|Pipfile\.lock|pdm\.lock|conda-lock\.yml|package-lock\.json|requirements\.txt|conda\.yaml|python_env\.yaml)$/;
const MAX_INPUTS = 200;

/** Code, data, environment and the version that a copy was taken from; each with the digest that is known. */
export function dependenciesOf(origin: Origin): Resource[] {
  const { version, trainingSet, datasets } = origin;
  return [
    ...codeOf(origin),
    ...(trainingSet === undefined
      ? []
      : [
          {
            name: `training set ${trainingSet.requested.name}`,
            uri: `cairn:training-set/${trainingSet.requested.trainingSetId}`,
            ...(trainingSet.built !== undefined && digestOf(trainingSet.built.digest)),
            ...(trainingSet.built !== undefined && { annotations: { rows: Number(trainingSet.built.rowCount) } }),
          },
        ]),
    ...datasets.map(datasetResource),
    ...inputsOf(origin).map(inputResource),
    ...environmentOf(origin),
    ...(version.copiedFromVersionId === '' ? [] : [{ name: 'copied from', uri: `cairn:model-version/${version.copiedFromVersionId}` }]),
    ...(version.goldenDigest === '' ? [] : [{ name: 'golden answer', uri: `cairn:object/${version.goldenDigest}`, ...digestOf(version.goldenDigest) }]),
  ];
}

export function codeCommit({ run }: Origin): { readonly commit: string; readonly repository: string } | undefined {
  const commit = run?.tags.get('mlflow.source.git.commit') ?? '';
  if (!COMMIT.test(commit)) return undefined;
  return { commit, repository: run?.tags.get('mlflow.source.git.repoURL') ?? '' };
}

/** Names and digests of files that pin the environment. */
export function environmentOf({ run, files }: Origin): Resource[] {
  const said = SHA256.exec(run?.tags.get('cairn.environment.digest') ?? '')?.[1];
  const pinned = new Map([...(run?.files ?? []), ...files].filter(([path]) => ENVIRONMENT_FILES.test(path)).map(([path, { digest }]) => [digest, path] as const));
  return [
    ...(said === undefined ? [] : [{ name: 'environment', uri: `cairn:object/sha256:${said}`, digest: { sha256: said } }]),
    ...[...pinned].sort(([one], [other]) => (one < other ? -1 : 1)).map(([digest, path]) => ({ name: path, uri: `cairn:object/${digest}`, ...digestOf(digest) })),
  ];
}

export function inputsOf({ run }: Origin): readonly Plain<tracking.DatasetInput>[] {
  return (run?.inputs ?? []).slice(0, MAX_INPUTS);
}

/** MLflow's own digests are short and not of the bytes; then undefined. */
export function sha256Of(digest: string): string | undefined {
  return SHA256.exec(digest)?.[1];
}

function codeOf(origin: Origin): Resource[] {
  const code = codeCommit(origin);
  if (code === undefined) return [];
  const entry = origin.run?.tags.get('mlflow.source.name') ?? '';
  const uri = code.repository === '' ? `cairn:commit/${code.commit}` : `git+${code.repository}@${code.commit}`;
  return [{ name: 'code', uri, digest: { gitCommit: code.commit }, ...(entry !== '' && { annotations: { entry_point: entry } }) }];
}

function datasetResource({ registered, certified, quarantined }: DatasetVersionFacts): Resource {
  const { versionId, datasetName, version, digest } = registered;
  const said = {
    ...(certified !== undefined && { certified: certified.level, contract_version: certified.contractVersion }),
    ...(quarantined !== '' && { quarantined }),
  };
  return { name: `dataset ${datasetName}/${version}`, uri: `cairn:dataset-version/${versionId}`, ...digestOf(digest), ...(Object.keys(said).length > 0 && { annotations: said }) };
}

function inputResource({ name, digest, context, sourceType, source }: Plain<tracking.DatasetInput>): Resource {
  const sha256 = sha256Of(digest);
  const uri = URL.canParse(source) && source.length <= 2_000 ? source : `cairn:input/${encodeURIComponent(name)}`;
  return {
    name: `input ${name}`,
    uri,
    ...(sha256 !== undefined && { digest: { sha256 } }),
    annotations: { ...(context !== '' && { context }), ...(sourceType !== '' && { source_type: sourceType }), ...(sha256 === undefined && { client_digest: digest }) },
  };
}

function digestOf(digest: string): { readonly digest?: { readonly sha256: string } } {
  const sha256 = sha256Of(digest);
  return sha256 === undefined ? {} : { digest: { sha256 } };
}
