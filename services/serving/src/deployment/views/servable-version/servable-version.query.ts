import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ServableVersionRow } from './servable-version.entity.js';
import type { Signature } from './signature.js';

export interface ServableVersion {
  readonly versionId: string;
  readonly modelName: string;
  readonly version: number;
  readonly digest: string;
  readonly goldenDigest: string;
  readonly signature: Signature;
  readonly promotedAliases: readonly string[];
  readonly deleted: boolean;
}

@Injectable()
export class ServableVersionQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, versionId: string): Promise<ServableVersion | undefined> {
    const row = await this.dataSource.manager.findOneBy(ServableVersionRow, { workspace, versionId });
    if (row === null) return undefined;
    const { modelName, version, digest, goldenDigest } = row;
    const deleted = row.deleted || row.modelDeleted;
    const signature = JSON.parse(row.signature) as Signature;
    return { versionId, modelName, version, digest, goldenDigest, signature, promotedAliases: JSON.parse(row.promotedAliases) as string[], deleted };
  }
}
