import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { MlflowError } from '@cairn/mlflow';
import type { StoredObject } from '@cairn/object-store';
import { Inject, Injectable } from '@nestjs/common';
import { modelArtifactRoot } from '../../logged-model/http/convert.js';
import { streamIdOfModel } from '../../logged-model/http/model-id.js';
import { requireModel } from '../../logged-model/http/require-model.js';
import { loggedModel } from '../../logged-model/domain/decider.js';
import { LoggedModelListQuery } from '../../logged-model/views/logged-model-list/logged-model-list.query.js';
import { run } from '../domain/decider.js';
import { RunListQuery } from '../views/run-list/run-list.query.js';
import { artifactRoot, type ArtifactOwner } from './artifact-path.js';
import { demandActive } from './demand-active.js';
import { convertRunId, streamIdOfRun } from './run-id.js';

/** Runs and logged models, as far as they have artifacts. */
@Injectable()
export class ArtifactOwners {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
    @Inject(LoggedModelListQuery) private readonly models: LoggedModelListQuery,
  ) {}

  /** Answers its artifact root. Throws RESOURCE_DOES_NOT_EXIST. A deleted run still shows its artifacts, a deleted model does not. */
  async requireReadable(owner: ArtifactOwner, meta: CommandMeta): Promise<string> {
    if (owner.kind === 'logged-model') return modelArtifactRoot(await requireModel(this.models, meta.workspace, owner.id));
    const { experimentId, runId } = await this.requireRun(owner.id, meta);
    return artifactRoot(experimentId, runId);
  }

  /** Throws INVALID_PARAMETER_VALUE for a deleted run. */
  async requireWritable(owner: ArtifactOwner, meta: CommandMeta): Promise<void> {
    if (owner.kind === 'logged-model') await requireModel(this.models, meta.workspace, owner.id);
    else demandActive(await this.requireRun(owner.id, meta));
  }

  /** A run by the id that a client names it by. Throws RESOURCE_DOES_NOT_EXIST. */
  async ownerOfRun(wireId: string, meta: CommandMeta): Promise<ArtifactOwner> {
    return { kind: 'run', id: (await this.requireRun(wireId, meta)).runId };
  }

  async log({ kind, id }: ArtifactOwner, path: string, { digest, sizeBytes }: StoredObject, meta: CommandMeta): Promise<void> {
    const data = { path, digest, sizeBytes: BigInt(sizeBytes) };
    if (kind === 'logged-model') await this.commands.handle(loggedModel, { type: 'LogModelArtifact', data, meta }, { id: streamIdOfModel(id) });
    else await this.commands.handle(run, { type: 'LogArtifact', data, meta }, { id: streamIdOfRun(id) });
  }

  async remove({ kind, id }: ArtifactOwner, path: string, meta: CommandMeta): Promise<void> {
    if (kind === 'logged-model') await this.commands.handle(loggedModel, { type: 'RemoveModelArtifact', data: { path }, meta }, { id: streamIdOfModel(id) });
    else await this.commands.handle(run, { type: 'RemoveArtifact', data: { path }, meta }, { id: streamIdOfRun(id) });
  }

  private async requireRun(wireId: string, { workspace }: CommandMeta) {
    const runId = convertRunId(wireId);
    const found = runId === undefined ? null : await this.runs.findRun(workspace, runId);
    if (found === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${wireId} not found`);
    return found;
  }
}
