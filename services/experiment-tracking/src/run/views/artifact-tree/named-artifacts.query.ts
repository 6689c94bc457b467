import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface NamedArtifact {
  readonly path: string;
  readonly digest: string;
}

/** More files of these names in one run say nothing more. */
const MAX_FILES = 100;

@Injectable()
export class NamedArtifactsQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Files of one of the names, in any folder of any of the owners (runs and logged models), by path. */
  async find(ownerIds: readonly string[], names: readonly string[]): Promise<NamedArtifact[]> {
    return this.dataSource.query(
      `SELECT path, digest FROM artifact WHERE owner_id = ANY ($1::text[]) AND regexp_replace(path, '^.*/', '') = ANY ($2::text[]) ORDER BY path, owner_id LIMIT ${MAX_FILES}`,
      [ownerIds, names],
    );
  }
}
