import type { EventOf, tracking } from '@cairn/contracts';
import type { MetricPoint } from '../../domain/commands.js';
import { later } from '../../domain/latest-metric.js';

type Columns = EventOf<tracking.MetricsLogged>['data'];

/** The points of one metric that came in one event: by time, then step, then value, each once. At least one. */
export interface MetricChunk {
  readonly key: string;
  readonly timestampsMs: readonly bigint[];
  readonly steps: readonly bigint[];
  readonly values: readonly number[];
  readonly leastStep: bigint;
  readonly greatestStep: bigint;
  /** By step, then time, then value. */
  readonly latest: MetricPoint;
}

/** The chunks of an event, by metric in the order in which they are named first. */
export function chunksOf(data: Columns): MetricChunk[] {
  const places = new Map<string, number[]>();
  data.keys.forEach((key, index) => {
    const known = places.get(key);
    if (known === undefined) places.set(key, [index]);
    else known.push(index);
  });
  return [...places].map(([key, indexes]) => chunkOf(key, indexes, data));
}

function chunkOf(key: string, indexes: readonly number[], { timestampsMs, steps, values }: Columns): MetricChunk {
  const points = indexes.map((index): MetricPoint => ({ key, value: values[index] ?? NaN, timestampMs: timestampsMs[index] ?? 0n, step: steps[index] ?? 0n }));
  const inOrder = inAscendingOrder(points);
  const everyStep = inOrder.map(({ step }) => step);
  return {
    key,
    timestampsMs: inOrder.map(({ timestampMs }) => timestampMs),
    steps: everyStep,
    values: inOrder.map(({ value }) => value),
    leastStep: everyStep.reduce((least, step) => (step < least ? step : least)),
    greatestStep: everyStep.reduce((greatest, step) => (step > greatest ? step : greatest)),
    latest: inOrder.reduce((latest, point) => later(latest, point)),
  };
}

/** Most come in order; those are not sorted. */
function inAscendingOrder(points: MetricPoint[]): readonly MetricPoint[] {
  const ascends = points.every((point, index) => index === 0 || compare(points[index - 1] ?? point, point) < 0);
  if (ascends) return points;
  return points.sort(compare).filter((point, index) => index === 0 || compare(points[index - 1] ?? point, point) !== 0);
}

/** As PostgreSQL orders them: NaN is the largest value, and equals itself. */
function compare(one: MetricPoint, other: MetricPoint): number {
  if (one.timestampMs !== other.timestampMs) return one.timestampMs < other.timestampMs ? -1 : 1;
  if (one.step !== other.step) return one.step < other.step ? -1 : 1;
  if (one.value === other.value || (Number.isNaN(one.value) && Number.isNaN(other.value))) return 0;
  return one.value < other.value || Number.isNaN(other.value) ? -1 : 1;
}
