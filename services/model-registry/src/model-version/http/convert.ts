import type { Plain, registry } from '@cairn/contracts';
import type { AliasRow } from '../../registered-model/views/model-list/model.entity.js';
import { convertTarget } from '../../registered-model/http/convert-target.js';
import type { NewVersion } from '../domain/commands.js';
import { convertStoredSignature } from '../views/version-list/stored-signature.js';
import type { ApprovalRow, EvaluationRow, VersionRow } from '../views/version-list/version.entity.js';
import type { CreateVersionDto, SignatureDto, TensorDto } from './create-version.dto.js';

type Tensor = Plain<registry.Tensor>;

/** What the caller says about a version; its id, number and model are ours to give. */
export function convertNewVersion(dto: CreateVersionDto): Pick<
  NewVersion,
  'runId' | 'source' | 'digest' | 'sizeBytes' | 'signature' | 'trainingSetId' | 'goldenDigest' | 'description' | 'tags'
  | 'storageLocation' | 'copiedFromVersionId' | 'loggedModelId' | 'runLink'
> {
  // JSON's null is as good as absent.
  const signature = dto.signature ?? undefined;
  return {
    runId: dto.run_id.replaceAll('-', '').toLowerCase(),
    source: dto.source,
    digest: dto.digest,
    sizeBytes: BigInt(dto.size_bytes),
    ...(signature !== undefined && { signature: convertSignature(signature) }),
    trainingSetId: dto.training_set_id,
    goldenDigest: dto.golden_digest,
    description: dto.description,
    tags: [],
    storageLocation: '',
    copiedFromVersionId: '',
    loggedModelId: '',
    runLink: '',
  };
}

function convertSignature({ inputs, outputs }: SignatureDto): Plain<registry.Signature> {
  const convertTensor = ({ name, datatype, shape, columns }: TensorDto): Tensor => ({ name, datatype, shape: shape.map(BigInt), columns });
  return { inputs: inputs.map(convertTensor), outputs: outputs.map(convertTensor) };
}

export function convertVersion(row: VersionRow) {
  return {
    version_id: row.versionId,
    model_id: row.modelId,
    name: row.modelName,
    version: row.version,
    run_id: row.runId,
    source: row.source,
    digest: row.digest,
    size_bytes: Number(row.sizeBytes),
    signature: signatureJson(row.signature),
    training_set_id: row.trainingSetId,
    golden_digest: row.goldenDigest,
    description: row.description,
    author: row.author,
    stage: row.stage,
    measurement: row.measurement,
    copied_from_version_id: row.copiedFromVersionId,
    created_at_ms: Number(row.creationTimeMs),
  };
}

/** A version with all that was decided about it. */
export function convertVersionCard(row: VersionRow, aliases: readonly AliasRow[], approvals: readonly ApprovalRow[], evaluations: readonly EvaluationRow[]) {
  return {
    ...convertVersion(row),
    aliases: aliases.filter(({ versionId }) => versionId === row.versionId).map(({ alias }) => alias),
    approvals: approvals.map(({ alias, approver, comment, approvedAt }) => ({ ...convertTarget(alias), approver, comment, approved_at: approvedAt })),
    evaluations: evaluations.map(convertEvaluation),
  };
}

export function convertEvaluation({ versionId, alias: target, verdict, gates, outcome, evaluatedAt, evaluatedBy, position }: EvaluationRow) {
  return { version_id: versionId, ...convertTarget(target), verdict, gates, outcome, evaluated_at: evaluatedAt, evaluated_by: evaluatedBy, position };
}

function signatureJson(text: string): object | null {
  const signature = convertStoredSignature(text);
  if (signature === undefined) return null;
  const tensorJson = ({ name, datatype, shape, columns }: Tensor) => ({ name, datatype, shape: shape.map(Number), columns: [...columns] });
  return { inputs: signature.inputs.map(tensorJson), outputs: signature.outputs.map(tensorJson) };
}

/** As MLflow shows a version, which is ready as soon as it is there. */
export function convertMlflowVersion(row: VersionRow, aliases: readonly AliasRow[]) {
  const own = aliases.filter(({ versionId }) => versionId === row.versionId).map(({ alias }) => alias);
  return {
    name: row.modelName,
    version: String(row.version),
    creation_timestamp: Number(row.creationTimeMs),
    last_updated_timestamp: Number(row.lastUpdateTimeMs),
    current_stage: row.stage,
    description: row.description,
    source: row.source,
    run_id: row.runId,
    status: 'READY',
    ...(row.tags.length > 0 && { tags: row.tags }),
    run_link: row.runLink,
    ...(row.loggedModelId !== '' && { model_id: row.loggedModelId }),
    ...(own.length > 0 && { aliases: own }),
  };
}
