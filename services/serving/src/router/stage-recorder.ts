import type { StageStatistics } from '../deployment/domain/judgement.js';

/** What one request showed about the version that ran it. */
export interface Observation {
  readonly predictions: Float64Array;
  readonly nonFinite: number;
  readonly latencyMs: number;
}

/** The p99 is that of the last so many requests. */
const LATENCIES = 4_096;

/** Counts what one stage of one rollout sees. In memory: a restart begins anew, and the stage is inconclusive until it has seen enough again. */
export class StageRecorder {
  private requests = 0;
  private rows = 0;
  private errors = 0;
  private nonFinite = 0;
  private dropped = 0;
  private sumNew = 0;
  private sumIncumbent = 0;
  private rowsIncumbent = 0;
  private largestDifference = 0;
  private succeeded = 0;
  private readonly latencies = new Float64Array(LATENCIES);

  /** The new version ran a request, and, in shadow, `answered` is what the caller got instead. */
  ran({ predictions, nonFinite, latencyMs }: Observation, answered?: Float64Array): void {
    this.latencies[this.succeeded % LATENCIES] = latencyMs;
    this.succeeded += 1;
    this.requests += 1;
    this.rows += predictions.length;
    this.nonFinite += nonFinite;
    this.sumNew += sum(predictions);
    if (answered !== undefined) this.largestDifference = Math.max(this.largestDifference, largestDifference(predictions, answered));
  }

  /** Whoever answers beside the new version did. */
  incumbentAnswered(predictions: Float64Array): void {
    this.rowsIncumbent += predictions.length;
    this.sumIncumbent += sum(predictions);
  }

  failed(): void {
    this.requests += 1;
    this.errors += 1;
  }

  notCompared(): void {
    this.dropped += 1;
  }

  statistics(): StageStatistics {
    const { requests, rows, errors, nonFinite, dropped, largestDifference } = this;
    return {
      requests,
      rows,
      errors,
      nonFinite,
      dropped,
      meanPredictionNew: mean(this.sumNew, rows),
      meanPredictionIncumbent: mean(this.sumIncumbent, this.rowsIncumbent),
      rowsIncumbent: this.rowsIncumbent,
      largestDifference,
      p99LatencyMs: this.p99(),
    };
  }

  private p99(): number {
    const seen = this.latencies.slice(0, Math.min(this.succeeded, LATENCIES)).sort();
    return seen[Math.max(0, Math.ceil(seen.length * 0.99) - 1)] ?? 0;
  }
}

/** Values that are not finite are counted elsewhere; here they would hide all others. */
function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) if (Number.isFinite(value)) total += value;
  return total;
}

function mean(total: number, count: number): number {
  return count === 0 ? 0 : total / count;
}

function largestDifference(one: Float64Array, other: Float64Array): number {
  let largest = 0;
  for (let index = 0; index < one.length; index += 1) {
    const difference = Math.abs((one[index] ?? 0) - (other[index] ?? 0));
    if (difference > largest) largest = difference;
  }
  return largest;
}
