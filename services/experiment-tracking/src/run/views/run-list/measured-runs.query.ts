import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The latest value of a metric in a run that ended well. */
export interface MeasuredRun {
  readonly runId: string;
  readonly value: number;
  /** How many runs had measured it. */
  readonly consideredRuns: number;
}

const MEASURED = `
  FROM run JOIN latest_metric metric ON metric.run_id = run.run_id AND metric.key = $2
  WHERE run.status = 'FINISHED' AND NOT run.deleted AND NOT run.experiment_deleted AND metric.value NOT IN ('NaN', 'Infinity', '-Infinity') AND run.workspace = $1`;

/** What runs have measured: baselines for others. Runs that still go on, failed or were deleted are none. */
@Injectable()
export class MeasuredRunsQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, key: string, runId: string): Promise<MeasuredRun | undefined> {
    const sql = `SELECT run.run_id AS "runId", metric.value, 1 AS "consideredRuns" ${MEASURED} AND run.run_id = $3`;
    const rows: MeasuredRun[] = await this.dataSource.query(sql, [workspace, key, runId]);
    return rows[0];
  }

  /** Of equal ones the first that was started. */
  async best(workspace: string, key: string, experimentId: string, direction: 'highest' | 'lowest'): Promise<MeasuredRun | undefined> {
    const rows: MeasuredRun[] = await this.dataSource.query(
      `SELECT run.run_id AS "runId", metric.value, (count(*) OVER ())::int AS "consideredRuns" ${MEASURED} AND run.experiment_id = $3
       ORDER BY metric.value ${direction === 'highest' ? 'DESC' : 'ASC'}, run.start_time_ms, run.run_id LIMIT 1`,
      [workspace, key, experimentId],
    );
    return rows[0];
  }
}
