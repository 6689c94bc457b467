import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A value that a library gave a parameter at a version. */
export interface SeenDefault {
  readonly param: string;
  readonly libraryVersion: string;
  readonly value: string;
  readonly runs: number;
  /** Milliseconds since 1970: when the first and the last of these runs were started. */
  readonly firstSeenMs: string;
  readonly lastSeenMs: string;
}

@Injectable()
export class SeenDefaultsQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** By parameter, then version, then value, as texts; `param` undefined is all of the library's. */
  async list(workspace: string, library: string, param: string | undefined, limit: number, offset: number): Promise<SeenDefault[]> {
    return this.dataSource.query(
      `SELECT param.key AS "param", param.library_version AS "libraryVersion", param.value, count(*)::int AS "runs",
              min(run.start_time_ms)::text AS "firstSeenMs", max(run.start_time_ms)::text AS "lastSeenMs"
       FROM param JOIN run ON run.run_id = param.run_id
       WHERE param.origin = 'default' AND param.library = $2 AND ($3::text IS NULL OR param.key = $3) AND run.workspace = $1
       GROUP BY param.key, param.library_version, param.value
       ORDER BY param.key COLLATE "C", param.library_version COLLATE "C", param.value COLLATE "C" LIMIT $4 OFFSET $5`,
      [workspace, library, param ?? null, limit, offset],
    );
  }
}
