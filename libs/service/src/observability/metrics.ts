import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ProjectionRunner } from '@cairn/read-model';
import type { EventStore } from '@cairn/event-store';

/** Heap, event loop and file descriptors belong to the process: services that share one show the same. */
let processMetrics: Registry | undefined;

export function processRegistry(): Registry {
  if (processMetrics === undefined) {
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
  }
  return processMetrics;
}

export type RequestHistogram = Histogram<'method' | 'route' | 'status'>;

export function requestHistogram(registry: Registry): RequestHistogram {
  return new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte in to the last byte out, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
}

/** The log's size is asked for at each scrape; with the store away the gauge keeps its last value. */
export function watchProjections(registry: Registry, runner: ProjectionRunner, store: EventStore): void {
  new Gauge({
    name: 'cairn_projection_lag_events',
    help: 'Events in the log that the read model does not show yet.',
    registers: [registry],
    async collect() {
      const size = await store.size().catch(() => undefined);
      if (size !== undefined) this.set(Math.max(0, Number(size - runner.checkpoint)));
    },
  });
  new Gauge({
    name: 'cairn_projection_halted',
    help: '1 while a failing projection holds the read model up.',
    registers: [registry],
    collect() {
      this.set(runner.state === 'halted' ? 1 : 0);
    },
  });
}
