import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PROMPT_TAG } from '../../../mlflow/registry-filter.js';
import { VersionRow } from '../../../model-version/views/version-list/version.entity.js';
import { AliasRow } from '../../../registered-model/views/model-list/model.entity.js';
import { RolloutRow } from './rollout-history.entity.js';

export type DebtReason = 'never-deployed' | 'stale' | 'superseded';

export interface DebtRow {
  readonly version_id: string;
  readonly model_name: string;
  readonly version: number;
  readonly owner: string;
  readonly run_id: string;
  /** Milliseconds since 1970. */
  readonly created_at_ms: string;
  readonly reason: DebtReason;
}

export interface DebtSearch {
  readonly workspace: string;
  /** Versions made before these moments, milliseconds since 1970, count as stale or as never deployed. */
  readonly staleBeforeMs: number;
  readonly undeployedBeforeMs: number;
  readonly owner?: string;
  readonly reason?: DebtReason;
  readonly limit: number;
  /** Of the row that the page before ended with. */
  readonly after?: { readonly createdAtMs: string; readonly versionId: string };
}

const PROMPT = JSON.stringify([{ key: PROMPT_TAG, value: 'true' }]);

@Injectable()
export class DebtQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Oldest first. A version has one reason: one that answers is superseded before it is stale. */
  search({ workspace, staleBeforeMs, undeployedBeforeMs, owner, reason, limit, after }: DebtSearch): Promise<DebtRow[]> {
    const filter = [owner ?? null, reason ?? null, after?.createdAtMs ?? null, after?.versionId ?? null];
    return this.dataSource.manager.query(this.sql(), [workspace, staleBeforeMs, undeployedBeforeMs, PROMPT, ...filter, limit]);
  }

  private sql(): string {
    const [version, rollout, alias] = [VersionRow, RolloutRow, AliasRow].map((entity) => this.dataSource.getMetadata(entity).tablePath);
    return `
      WITH live AS (
        SELECT DISTINCT ON (deployment_id) version_id FROM ${rollout} WHERE workspace = $1 AND outcome = 'completed' ORDER BY deployment_id, position DESC
      ), shown AS (
        SELECT version_id, model_id, model_name, version, author, run_id, creation_time_ms, stage FROM ${version}
        WHERE workspace = $1 AND deleted_at = '' AND NOT model_deleted AND NOT tags @> $4::jsonb
      ), used AS (
        SELECT s.model_id, max(s.version) AS newest FROM shown s
        WHERE s.stage = 'Production' OR s.version_id::text IN (SELECT version_id FROM live) OR s.version_id IN (SELECT version_id FROM ${alias})
        GROUP BY s.model_id
      ), newest AS (
        SELECT model_id, max(version) AS version FROM shown GROUP BY model_id
      ), judged AS (
        SELECT s.*, CASE
          WHEN s.version_id::text IN (SELECT version_id FROM live) THEN CASE
            WHEN u.newest > s.version THEN 'superseded'
            WHEN s.creation_time_ms < $2 AND n.version = s.version THEN 'stale' END
          WHEN s.creation_time_ms < $3 AND NOT EXISTS (SELECT 1 FROM ${rollout} r WHERE r.version_id = s.version_id::text AND r.outcome = 'completed') THEN 'never-deployed'
        END AS reason
        FROM shown s LEFT JOIN used u USING (model_id) JOIN newest n USING (model_id)
      )
      SELECT version_id, model_name, version, author AS owner, run_id, creation_time_ms AS created_at_ms, reason FROM judged
      WHERE reason IS NOT NULL AND ($5::text IS NULL OR author = $5) AND ($6::text IS NULL OR reason = $6)
        AND ($7::bigint IS NULL OR (creation_time_ms, version_id) > ($7::bigint, $8::uuid))
      ORDER BY creation_time_ms, version_id LIMIT $9`;
  }
}
