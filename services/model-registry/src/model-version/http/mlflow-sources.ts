import type { CommandMeta } from '@cairn/kernel';
import { invalidParameter, MlflowError } from '@cairn/mlflow';
import { Inject, Injectable } from '@nestjs/common';
import { MlmodelFile } from '../../model-card/mlmodel/mlmodel-file.js';
import type { NewVersion } from '../domain/commands.js';
import { isSafeSource, namedSource } from '../domain/source.js';
import { EvidenceQuery } from '../views/evidence/evidence.query.js';
import { convertStoredSignature } from '../views/version-list/stored-signature.js';
import { VersionListQuery } from '../views/version-list/version-list.query.js';
import { OwnView } from './own-view.js';

/** What follows from the source that a client names. */
export type SourceFacts = Pick<
  NewVersion,
  'runId' | 'storageLocation' | 'copiedFromVersionId' | 'loggedModelId' | 'digest' | 'sizeBytes' | 'trainingSetId' | 'goldenDigest' | 'signature'
>;

const NOTHING_ELSE = { digest: '', sizeBytes: 0n, trainingSetId: '', goldenDigest: '', storageLocation: '', copiedFromVersionId: '' };

/**
 * Finds what a source of MLflow's client stands for: `models:/<name>/<version>` is a copy, with the content and the evidence of the original;
 * `models:/m-…` is a logged model, whose run is the version's run. The signature is that of the MLmodel file below a run or a logged model.
 */
@Injectable()
export class MlflowSources {
  constructor(
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
    @Inject(EvidenceQuery) private readonly evidence: EvidenceQuery,
    @Inject(OwnView) private readonly view: OwnView,
    @Inject(MlmodelFile) private readonly mlmodel: MlmodelFile,
  ) {}

  /** Throws MlflowError for a source that names nothing, or something else than `runId` and `modelId` do. */
  async resolve(source: string, { runId, modelId }: { readonly runId: string; readonly modelId: string }, { workspace }: CommandMeta): Promise<SourceFacts> {
    if (!isSafeSource(source)) throw invalid(source, 'name an artifact by URI, e.g. runs:/<run>/model, without ".." in its path');
    const named = namedSource(source);
    switch (named.kind) {
      case 'version': {
        const original = await this.versions.findByNumber(workspace, decoded(named.name), named.version);
        if (original === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${named.name}, version=${named.version}) not found`);
        const { versionId, storageLocation, loggedModelId, digest, sizeBytes, trainingSetId, goldenDigest } = original;
        if (runId !== '' && runId !== original.runId) throw invalid(source, `it came from run ${original.runId || 'none'}, not from ${runId}`);
        const signature = convertStoredSignature(original.signature);
        return {
          runId: original.runId, storageLocation: storageLocation === '' ? original.source : storageLocation, copiedFromVersionId: versionId,
          loggedModelId, digest, sizeBytes: BigInt(sizeBytes), trainingSetId, goldenDigest, ...(signature !== undefined && { signature }),
        };
      }
      case 'logged-model': {
        const { loggedModelId } = named;
        if (modelId !== '' && modelId !== loggedModelId) throw invalid(source, `it names another logged model than model_id ${modelId}`);
        // The tracking service recorded it a moment ago.
        await this.view.catchUp();
        const model = await this.evidence.loggedModel(workspace, loggedModelId);
        if (model === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Logged model with ID '${loggedModelId}' not found.`);
        const ofModel = model.runId.replaceAll('-', '');
        if (runId !== '' && ofModel !== '' && runId !== ofModel) throw invalid(source, `it came from run ${ofModel}, not from ${runId}`);
        return { ...NOTHING_ELSE, runId: ofModel === '' ? runId : ofModel, loggedModelId, ...(await this.signatureAt(source, workspace)) };
      }
      case 'run':
        if (runId !== '' && runId !== named.runId) throw invalid(source, `it is of run ${named.runId}, not of ${runId}`);
        return { ...NOTHING_ELSE, runId: named.runId, loggedModelId: modelId, ...(await this.signatureAt(source, workspace)) };
      case 'unclear':
        throw invalid(source, 'a source below models:/ is models:/<name>/<version> or models:/<id of a logged model>');
      case 'other':
        return { ...NOTHING_ELSE, runId, loggedModelId: modelId };
      default: {
        const unhandled: never = named;
        return unhandled;
      }
    }
  }

  private async signatureAt(source: string, workspace: string): Promise<Pick<SourceFacts, 'signature'>> {
    const signature = await this.mlmodel.signature({ source, storageLocation: '', workspace });
    return signature === undefined ? {} : { signature };
  }
}

function invalid(source: string, why: string): MlflowError {
  return invalidParameter(`Invalid model version source: '${source.slice(0, 200)}': ${why}.`);
}

/** A name in a URI may be percent-encoded; one that is no encoding is meant as it is. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
