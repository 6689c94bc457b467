import { DomainError, type CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { VersionListQuery } from '../../model-version/views/version-list/version-list.query.js';
import type { VersionRow } from '../../model-version/views/version-list/version.entity.js';
import { ModelListQuery } from '../../registered-model/views/model-list/model-list.query.js';
import type { ModelRow } from '../../registered-model/views/model-list/model.entity.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NUMBER = /^[1-9]\d{0,8}$/;

/** Finds what a path names: a model by name or id, a version by its number in it. */
@Injectable()
export class NamedVersion {
  constructor(
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
  ) {}

  /** Throws DomainError MODEL_NOT_FOUND, VERSION_NOT_FOUND or INVALID_VERSION. A name goes before an id that reads the same. */
  async require(model: string, version: string, meta: CommandMeta): Promise<{ readonly model: ModelRow; readonly version: VersionRow }> {
    if (!NUMBER.test(version)) throw new DomainError('INVALID_VERSION', 'A version is named by its number: 1, 2, 3.', 'invalid');
    const found = await this.requireModel(model, meta);
    const row = await this.versions.findByNumber(meta.workspace, found.name, Number(version));
    if (row === null) throw new DomainError('VERSION_NOT_FOUND', `The model ${found.name} has no version ${version}.`, 'missing');
    return { model: found, version: row };
  }

  /** Throws DomainError MODEL_NOT_FOUND. */
  async requireModel(model: string, { workspace }: CommandMeta): Promise<ModelRow> {
    const byName = await this.models.find(workspace, model);
    if (byName !== null) return byName;
    const byId = UUID.test(model) ? await this.models.findById(workspace, model) : null;
    if (byId === null || byId.deletedAt !== '') throw new DomainError('MODEL_NOT_FOUND', `No registered model has the name or id ${model}.`, 'missing');
    return byId;
  }
}
