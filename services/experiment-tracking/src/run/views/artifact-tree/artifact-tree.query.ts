import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ArtifactRow } from './artifact.entity.js';

export interface ArtifactEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** Null for a directory. */
  readonly sizeBytes: string | null;
}

/** A folder with more entries is cut off here: MLflow's listing has no pages. */
const MAX_ENTRIES = 10_000;

@Injectable()
export class ArtifactTreeQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  find(runId: string, path: string): Promise<ArtifactRow | null> {
    return this.dataSource.manager.findOneBy(ArtifactRow, { runId, path });
  }

  /** What lies directly in a folder (empty: the run's root), by name. A folder that is not there, or is a file, is empty. */
  async list(runId: string, folder: string): Promise<ArtifactEntry[]> {
    const prefix = folder === '' ? '' : `${folder}/`;
    const rows: { name: string; is_directory: boolean; size_bytes: string | null }[] = await this.dataSource.query(
      `SELECT split_part(rest, '/', 1) AS name, strpos(rest, '/') > 0 AS is_directory, max(size_bytes) FILTER (WHERE strpos(rest, '/') = 0) AS size_bytes
       FROM (SELECT substr(path, length($2) + 1) AS rest, size_bytes FROM artifact WHERE run_id = $1 AND starts_with(path, $2)) AS below
       GROUP BY 1, 2 ORDER BY split_part(rest, '/', 1) COLLATE "C" LIMIT ${MAX_ENTRIES}`,
      [runId, prefix],
    );
    return rows.map(({ name, is_directory, size_bytes }) => ({ name, isDirectory: is_directory, sizeBytes: size_bytes }));
  }
}
