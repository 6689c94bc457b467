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

type Labels = 'method' | 'route' | 'status';

/** Requests by method, route and status. Their child of the histogram is found by a name of its own: prom-client looks at every label each time. */
export class RequestTimes {
  private readonly histogram: Histogram<Labels>;
  private readonly children = new Map<string, Histogram.Internal<Labels>>();

  constructor(registry: Registry) {
    this.histogram = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the first byte in to the last byte out, by route.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers: [registry],
    });
  }

  observe(method: string, route: string, status: number, seconds: number): void {
    const name = `${method} ${status} ${route}`;
    let child = this.children.get(name);
    if (child === undefined) {
      child = this.histogram.labels({ method, route, status: String(status) });
      this.children.set(name, child);
    }
    child.observe(seconds);
  }
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
