import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ArtifactRow } from './artifact.entity.js';

export interface ArtifactEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** Null for a directory. */
  readonly sizeBytes: string | null;
}

export interface ListedPart {
  readonly limit: number;
  /** Name of the last entry of the part before. */
  readonly after?: string | undefined;
}

@Injectable()
export class ArtifactTreeQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  find(ownerId: string, path: string): Promise<ArtifactRow | null> {
    return this.dataSource.manager.findOneBy(ArtifactRow, { ownerId, path });
  }

  /** What lies directly in a folder (empty: the owner's root), by name. A folder that is not there, or is a file, is empty. */
  async list(ownerId: string, folder: string, { limit, after }: ListedPart): Promise<ArtifactEntry[]> {
    const prefix = folder === '' ? '' : `${folder}/`;
    const rows: { name: string; is_directory: boolean; size_bytes: string | null }[] = await this.dataSource.query(
      `SELECT name, is_directory, max(size_bytes) FILTER (WHERE NOT is_directory) AS size_bytes
       FROM (SELECT split_part(rest, '/', 1) COLLATE "C" AS name, strpos(rest, '/') > 0 AS is_directory, size_bytes
             FROM (SELECT substr(path, length($2) + 1) AS rest, size_bytes FROM artifact WHERE owner_id = $1 AND starts_with(path, $2)) AS below) AS entries
       WHERE $3::text IS NULL OR name > $3 COLLATE "C"
       GROUP BY name, is_directory ORDER BY name LIMIT $4`,
      [ownerId, prefix, after ?? null, limit],
    );
    return rows.map(({ name, is_directory, size_bytes }) => ({ name, isDirectory: is_directory, sizeBytes: size_bytes }));
  }
}
