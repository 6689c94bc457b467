import 'reflect-metadata';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ServiceName } from '@cairn/service';
import { startStack } from '../stack/stack.js';

/** What the benchmark needs to know of the stack that it measures. */
export interface CairnReady {
  readonly gateway: string;
  readonly tracking: string;
  readonly serving: string;
  /** Host and port. */
  readonly servingGrpc: string;
  readonly database: string;
  readonly nats: string;
  /** Of the object store. */
  readonly objects: string;
}

/** How the stack's process has been since the last time it was asked. */
export interface CairnHealth {
  /** Longest time in which its event loop did nothing else, and the time that 999 of 1,000 stayed below. */
  readonly longestGapMs: number;
  readonly p999GapMs: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

const RESOLUTION_MS = 1;

/**
 * Cairn, or some of its services, as `npm start` runs it, in a process of its own: the load that asks it must not share its event loop. Answers every message with
 * how it has been. Ends with the process that began it.
 */
const [dataDir = '', ...services] = process.argv.slice(2);
const { urls, close } = await startStack({ dataDir, ports: 'any', quiet: true, ...(services.length > 0 && { services: services as ServiceName[] }) });
const gaps = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
gaps.enable();
process.on('message', () => {
  const { rss, heapUsed } = process.memoryUsage();
  const [longest, p999] = [gaps.max, gaps.percentile(99.9)].map((nanos) => Math.max(0, nanos / 1e6 - RESOLUTION_MS));
  process.send?.({ longestGapMs: longest ?? 0, p999GapMs: p999 ?? 0, residentBytes: rss, heapBytes: heapUsed } satisfies CairnHealth);
  gaps.reset();
});
const { gateway, 'experiment-tracking': tracking, serving, servingGrpc, database, nats, objects } = urls;
process.send?.({ gateway, tracking, serving, servingGrpc, database, nats, objects } satisfies CairnReady);
process.once('disconnect', () => void close());
