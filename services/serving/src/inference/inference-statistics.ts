import { Injectable } from '@nestjs/common';

/** How often something happened, and how long it took in all. */
export interface Duration {
  readonly count: number;
  readonly ns: number;
}

/** What is known of a request that was answered. */
export interface AnsweredRequest {
  readonly rows: number;
  readonly queueMs: number;
  /** Of the run that it was part of. */
  readonly runMs: number;
  /** Of all requests of that run. */
  readonly batchRows: number;
  /** From the choice of a replica to its answer. */
  readonly latencyMs: number;
}

export interface BatchStatistics {
  readonly rows: number;
  readonly runs: number;
  readonly infer: Duration;
}

/** Other sizes are counted as runs, and not by size: one entry for each of 16,384 would be an answer of megabytes. */
const MAX_BATCH_SIZES = 1_024;

/** Counts of one version since this process began to serve it. */
export class VersionStatistics {
  /** Milliseconds since 1970; 0: never. */
  lastInferenceMs = 0;
  /** Rows that were answered. */
  rows = 0;
  readonly success = new Sum();
  readonly fail = new Sum();
  readonly queue = new Sum();
  readonly infer = new Sum();
  /** The way to the replica's thread and back, and the tensors put together and taken apart: nobody measures which of them it was. */
  readonly way = new Sum();
  private runShares = 0;
  private readonly batches = new Map<number, { runShares: number; inferMs: number }>();

  answered({ rows, queueMs, runMs, batchRows, latencyMs }: AnsweredRequest, nowMs: number): void {
    this.lastInferenceMs = nowMs;
    this.rows += rows;
    this.success.add(latencyMs);
    this.queue.add(queueMs);
    this.infer.add(runMs);
    this.way.add(Math.max(0, latencyMs - queueMs - runMs));
    // Every request of a run adds the share that its rows have of it: together one run, and one time that it took.
    const share = batchRows === 0 ? 1 : rows / batchRows;
    this.runShares += share;
    const batch = this.batches.get(batchRows) ?? { runShares: 0, inferMs: 0 };
    if (this.batches.size >= MAX_BATCH_SIZES && !this.batches.has(batchRows)) return;
    batch.runShares += share;
    batch.inferMs += share * runMs;
    this.batches.set(batchRows, batch);
  }

  failed(latencyMs: number): void {
    this.fail.add(latencyMs);
  }

  get runs(): number {
    return Math.round(this.runShares);
  }

  /** By the rows of a run, ascending. */
  get bySize(): readonly BatchStatistics[] {
    return [...this.batches]
      .map(([rows, { runShares, inferMs }]) => ({ rows, runs: Math.round(runShares), infer: { count: Math.round(runShares), ns: nanoseconds(inferMs) } }))
      .sort((one, other) => one.rows - other.rows);
  }
}

class Sum implements Duration {
  count = 0;
  private ms = 0;

  add(ms: number): void {
    this.count += 1;
    this.ms += ms;
  }

  get ns(): number {
    return nanoseconds(this.ms);
  }
}

function nanoseconds(ms: number): number {
  return Math.round(ms * 1e6);
}

/** Of every version that this process has answered with. In memory: a restart counts anew, as clients expect who take differences. */
@Injectable()
export class InferenceStatistics {
  private readonly versions = new Map<string, VersionStatistics>();

  of(deploymentId: string, versionId: string): VersionStatistics {
    const key = `${deploymentId}/${versionId}`;
    const statistics = this.versions.get(key) ?? new VersionStatistics();
    this.versions.set(key, statistics);
    return statistics;
  }
}
