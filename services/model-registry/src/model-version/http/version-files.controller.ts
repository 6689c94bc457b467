import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowError, MlflowFilter } from '@cairn/mlflow';
import { isDigest, type ObjectStore } from '@cairn/object-store';
import { Meta, OBJECT_STORE, sendObject, type FastifyReply } from '@cairn/service';
import { Controller, Get, Inject, Query, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { LogFacts } from '../../provenance/facts/log-facts.js';
import { VersionListQuery } from '../views/version-list/version-list.query.js';

const MAX_PATH_LENGTH = 1_000;

/** A file below a version's source, for MLflow's web pages: they read its MLmodel file and show what the model takes and gives. Clients ask for its place. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller()
export class VersionFilesController {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
    @Inject(LogFacts) private readonly facts: LogFacts,
  ) {}

  /** As a stream, or a range of it. The path is looked up among those that were logged: none leads out of the version. */
  @Get('model-versions/get-artifact')
  async file(@Query() query: unknown, @Meta() { workspace }: CommandMeta, @Res() reply: FastifyReply): Promise<void> {
    const fields = new Fields(query);
    const [name, version, path] = [fields.text('name'), fields.version('version'), fields.text('path')];
    if (path.length > MAX_PATH_LENGTH) throw invalidParameter(`A path has at most ${MAX_PATH_LENGTH} characters.`);
    const row = await this.versions.findByNumber(workspace, name, version);
    if (row === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${version}) not found`);
    const { digest = '', sizeBytes = 0n } = (await this.facts.filesOf(row)).get(path) ?? {};
    if (!isDigest(digest)) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`);
    // Saved, never shown by a browser on its own account.
    const headers = { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' };
    await sendObject(reply, this.objects, { digest, sizeBytes: Number(sizeBytes), headers });
  }
}
