import type { CommandMeta } from '@cairn/kernel';
import { invalidParameter, MlflowError, pageToken, placeOf } from '@cairn/mlflow';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE, sendObject, type FastifyReply } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { ArtifactTreeQuery, type ArtifactEntry } from '../views/artifact-tree/artifact-tree.query.js';
import { artifactHeaders } from './artifact-headers.js';
import { ArtifactOwners } from './artifact-owners.js';
import { safePath, type ArtifactOwner } from './artifact-path.js';

/** A listing with pages has so many at once. */
const PAGE = 1_000;
/** The artifact proxy's listing has no pages: a folder with more entries is refused, since a part would look like all of it. */
const MAX_ENTRIES = 50_000;

/** Files and folders of runs and logged models, as every route shows them. */
@Injectable()
export class ArtifactFiles {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(ArtifactOwners) private readonly owners: ArtifactOwners,
    @Inject(ArtifactTreeQuery) private readonly artifacts: ArtifactTreeQuery,
  ) {}

  /** As a stream, or the range of it that the request asks for. Throws RESOURCE_DOES_NOT_EXIST, and HttpException 416 for a range outside of it. */
  async send(reply: FastifyReply, owner: ArtifactOwner, path: string, meta: CommandMeta): Promise<void> {
    await this.owners.requireReadable(owner, meta);
    const artifact = await this.artifacts.find(owner.id, path);
    if (artifact === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`);
    const { digest, sizeBytes } = artifact;
    await sendObject(reply, this.objects, { digest: digest as Digest, sizeBytes: Number(sizeBytes), headers: artifactHeaders(path) });
  }

  /** All of a folder, by names relative to it. */
  async folder(owner: ArtifactOwner, path: string, meta: CommandMeta): Promise<object> {
    await this.owners.requireReadable(owner, meta);
    const entries = await this.artifacts.list(owner.id, path, { limit: MAX_ENTRIES + 1 });
    if (entries.length > MAX_ENTRIES) throw invalidParameter(`The folder '${path}' has more than ${MAX_ENTRIES} entries: list it in pages, with artifacts/list.`);
    return filesJson(entries, '');
  }

  /** A page of a folder, by names relative to the owner's root. */
  async page(owner: ArtifactOwner, folder: string | undefined, token: string | undefined, meta: CommandMeta): Promise<object> {
    const path = safePath(folder ?? '');
    const [after] = placeOf(token, 1) ?? [];
    const rootUri = await this.owners.requireReadable(owner, meta);
    const entries = await this.artifacts.list(owner.id, path, { limit: PAGE + 1, after });
    const shown = entries.slice(0, PAGE);
    return {
      root_uri: rootUri,
      ...filesJson(shown, path === '' ? '' : `${path}/`),
      ...(entries.length > PAGE && { next_page_token: pageToken([shown.at(-1)?.name ?? '']) }),
    };
  }
}

/** As MLflow does, an empty list is left out. */
function filesJson(entries: readonly ArtifactEntry[], prefix: string): object {
  if (entries.length === 0) return {};
  return {
    files: entries.map(({ name, isDirectory, sizeBytes }) => ({
      path: `${prefix}${name}`,
      is_dir: isDirectory,
      ...(sizeBytes !== null && { file_size: Number(sizeBytes) }),
    })),
  };
}
