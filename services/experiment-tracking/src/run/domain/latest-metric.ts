import type { MetricPoint } from './commands.js';

/**
 * The later of two points of one metric: by step, then time, then value, as MLflow compares them. NaN counts as the
 * largest value, which is how PostgreSQL orders it: the view that finds the latest metric by SQL must agree.
 */
export function later(one: MetricPoint | undefined, other: MetricPoint): MetricPoint {
  if (one === undefined) return other;
  if (one.step !== other.step) return one.step > other.step ? one : other;
  if (one.timestampMs !== other.timestampMs) return one.timestampMs > other.timestampMs ? one : other;
  return Number.isNaN(one.value) || one.value > other.value ? one : other;
}
