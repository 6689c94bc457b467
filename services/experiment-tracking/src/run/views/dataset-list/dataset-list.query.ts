import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A dataset that runs of an experiment used, in one of the ways in which they did. */
export interface DatasetSummary {
  readonly experimentId: string;
  readonly name: string;
  readonly digest: string;
  /** Empty when no run said what it was for. */
  readonly context: string;
}

/** MLflow's limit too: more are not listed. */
const MAX_DATASETS = 1_000;

@Injectable()
export class DatasetListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** By name, digest and context. */
  async inExperiments(workspace: string, experimentIds: readonly string[]): Promise<DatasetSummary[]> {
    return this.dataSource.query(
      `SELECT DISTINCT run.experiment_id::text AS "experimentId", input.name, input.digest, input.context
       FROM run JOIN run_input input ON input.run_id = run.run_id
       WHERE run.workspace = $1 AND run.experiment_id = ANY($2::uuid[])
       ORDER BY input.name, input.digest, input.context, 1 LIMIT ${MAX_DATASETS}`,
      [workspace, experimentIds],
    );
  }
}
