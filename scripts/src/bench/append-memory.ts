import type { EventStore } from '@cairn/event-store';
import { appendLoad } from './append-load.js';
import { median } from './measure.js';

const EVENTS = 2_000_000;
const PARTS = 20;
const WRITERS = 256;
const EVENTS_PER_APPEND = 10;
const MIB = 1024 * 1024;

/**
 * Whether the writer's memory stays flat: the heap after each twentieth of two million events. Answers by how many MiB the median of the last five
 * exceeds that of the first five.
 */
export async function measureMemory(store: EventStore): Promise<number> {
  const heaps: number[] = [];
  process.stdout.write(`\nMemory of the writer over ${EVENTS.toLocaleString('en')} events\n`);
  for (let part = 1, events = 0; part <= PARTS; part += 1) {
    while (events < (EVENTS / PARTS) * part) events += (await appendLoad(store, { writers: WRITERS, eventsPerAppend: EVENTS_PER_APPEND, forMs: 500 })).events;
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    heaps.push(heapUsed / MIB);
    process.stdout.write(`${events.toLocaleString('en').padStart(12)} events   heap ${(heapUsed / MIB).toFixed(0)} MiB   resident ${(rss / MIB).toFixed(0)} MiB\n`);
  }
  return median(heaps.slice(-5)) - median(heaps.slice(0, 5));
}
