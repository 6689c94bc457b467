import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ResourceFigure } from '../../domain/commands.js';
import type { DeclaredHardware, ObservedRun, PowerSeries } from '../../domain/usage.js';

export interface TimedRun {
  readonly runId: string;
  readonly startMs: number;
  /** When it ended, or now. */
  readonly endMs: number;
}

interface EndedRow {
  readonly run_id: string;
  readonly start_ms: string;
  readonly end_ms: string;
}

/** The trapezoids of every GPU's power. Points that a run logged before it started or after it ended count as well: clocks of machines differ. */
const POWER = `
  SELECT run_id, key, count(*)::int AS points, min(timestamp_ms)::float8 AS first_ms, max(timestamp_ms)::float8 AS last_ms,
         coalesce(max(timestamp_ms - before_ms), 0)::float8 AS longest_gap_ms, coalesce(sum((value + value_before) / 2 * (timestamp_ms - before_ms)), 0) AS watt_ms
  FROM (SELECT run_id, key, timestamp_ms, value, lag(timestamp_ms) OVER series AS before_ms, lag(value) OVER series AS value_before
        FROM (SELECT DISTINCT run_id, key, timestamp_ms, step, value
              FROM metric_chunk CROSS JOIN LATERAL unnest(timestamps_ms, steps, "values") AS point (timestamp_ms, step, value)
              WHERE run_id = ANY ($1::text[]) AND key ~ '^system/gpu_[0-9]+_power_usage_watts$') AS point
        WINDOW series AS (PARTITION BY run_id, key ORDER BY timestamp_ms, step, value)) AS points
  GROUP BY run_id, key ORDER BY run_id, key`;

/** What is recorded of runs that says what they used. */
@Injectable()
export class ObservedRunsQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Runs of an experiment that ended and were not deleted, in pages by id. */
  async ended(workspace: string, experimentId: string, limit: number, after = ''): Promise<TimedRun[]> {
    const rows: EndedRow[] = await this.dataSource.query(
      `SELECT run_id, start_time_ms AS start_ms, end_time_ms AS end_ms FROM run
       WHERE workspace = $1 AND experiment_id = $2 AND status <> 'RUNNING' AND end_time_ms IS NOT NULL AND NOT deleted AND run_id > $4 ORDER BY run_id LIMIT $3`,
      [workspace, experimentId, limit, after],
    );
    return rows.map(({ run_id, start_ms, end_ms }) => ({ runId: run_id, startMs: Number(start_ms), endMs: Number(end_ms) }));
  }

  async observe(runs: readonly TimedRun[]): Promise<ReadonlyMap<string, ObservedRun>> {
    const ids = runs.map(({ runId }) => runId);
    const [figures, power, hardware] = await Promise.all([this.figures(ids), this.power(ids), this.hardware(ids)]);
    const of = ({ runId, startMs, endMs }: TimedRun): ObservedRun => ({
      wallMs: Math.max(0, endMs - startMs),
      figures: figures.get(runId) ?? [],
      power: power.get(runId) ?? [],
      hardware: hardware.get(runId) ?? { gpuModel: '' },
    });
    return new Map(runs.map((run) => [run.runId, of(run)]));
  }

  private async figures(ids: readonly string[]): Promise<ReadonlyMap<string, ResourceFigure[]>> {
    const rows: { run_id: string; resource: string; gpu_model: string; amount: string; label: string; method: string }[] = await this.dataSource.query(
      'SELECT run_id, resource, gpu_model, amount, label, method FROM resource_figure WHERE run_id = ANY ($1::text[]) ORDER BY run_id, resource, gpu_model',
      [ids],
    );
    return grouped(rows, ({ resource, gpu_model, amount, label, method }) => ({ resource, gpuModel: gpu_model, amount: BigInt(amount), label, method }));
  }

  private async power(ids: readonly string[]): Promise<ReadonlyMap<string, PowerSeries[]>> {
    const rows: { run_id: string; points: number; first_ms: number; last_ms: number; longest_gap_ms: number; watt_ms: number }[] = await this.dataSource.query(POWER, [ids]);
    return grouped(rows, ({ points, first_ms, last_ms, longest_gap_ms, watt_ms }) => ({
      points, firstMs: first_ms, lastMs: last_ms, longestGapMs: longest_gap_ms, wattMs: watt_ms,
    }));
  }

  /** A tag goes before a parameter of the same name. */
  private async hardware(ids: readonly string[]): Promise<ReadonlyMap<string, DeclaredHardware>> {
    const rows: { run_id: string; key: string; value: string }[] = await this.dataSource.query(
      `SELECT run_id, key, value FROM (
         SELECT run_id, key, value, 1 AS rank FROM param WHERE run_id = ANY ($1::text[]) AND starts_with(key, 'cairn.hardware.')
         UNION ALL SELECT run_id, key, value, 2 FROM tag WHERE run_id = ANY ($1::text[]) AND starts_with(key, 'cairn.hardware.')) AS said ORDER BY run_id, key, rank`,
      [ids],
    );
    const pairs = grouped(rows, ({ key, value }) => [key.slice('cairn.hardware.'.length), value] as const);
    return new Map([...pairs].map(([runId, said]) => [runId, hardwareOf(new Map(said))]));
  }
}

function hardwareOf(said: ReadonlyMap<string, string>): DeclaredHardware {
  const number = (name: string): number | undefined => {
    const value = said.get(name) ?? '';
    // What is no number of a machine was not declared.
    return /^\d{1,7}(\.\d{1,3})?$/.test(value) ? Number(value) : undefined;
  };
  return { cpuCount: number('cpu_count'), memoryGib: number('memory_gib'), gpuCount: number('gpu_count'), gpuModel: said.get('gpu_model') ?? '' };
}

function grouped<Row extends { readonly run_id: string }, Item>(rows: readonly Row[], toItem: (row: Row) => Item): ReadonlyMap<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const row of rows) {
    const group = groups.get(row.run_id);
    if (group === undefined) groups.set(row.run_id, [toItem(row)]);
    else group.push(toItem(row));
  }
  return groups;
}
