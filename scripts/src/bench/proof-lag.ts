import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PostgresEventStore } from '@cairn/event-store';
import { appendLoad } from './append-load.js';
import { percentile } from './measure.js';
import type { TreeProgress } from './proof-tree-process.js';

const WRITERS = 256;
const LOAD_MS = 6_000;
const SAMPLE_MS = 20;
const DEADLINE_MS = 60_000;

export interface Lag {
  /** Upper bounds, over samples taken every 20 ms under load, and how long it took to be level after the last append. */
  readonly medianSeconds: number;
  readonly p99Seconds: number;
  readonly levelAfterSeconds: number;
  readonly appendsPerSecond: number;
}

/** How long ago the log was as large as the tree in another process is now, while 256 writers append as fast as they can. */
export async function measureLag(url: string, store: PostgresEventStore): Promise<Lag> {
  const child = fork(fileURLToPath(new URL('proof-tree-process.js', import.meta.url)), [url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const sizes: { leaves: number; atMs: number }[] = [];
  let tree: TreeProgress = { leaves: 0, atMs: 0 };
  child.on('message', (progress: TreeProgress) => (tree = progress));
  try {
    await once(child, 'message');
    const lagsMs: number[] = [];
    let over = false;
    const sampling = (async () => {
      for (let reached = 0; !over; ) {
        const nowMs = clockMs();
        sizes.push({ leaves: Number(await store.size()), atMs: nowMs });
        // Since the last sample at which the log held no more than the tree does now: that is at most so long ago as it is said here.
        while (reached + 1 < sizes.length && (sizes[reached + 1]?.leaves ?? 0) <= tree.leaves) reached += 1;
        lagsMs.push(clockMs() - (sizes[reached]?.atMs ?? nowMs));
        await pause(SAMPLE_MS);
      }
    })();
    const { events } = await appendLoad(store, { writers: WRITERS, eventsPerAppend: 1, forMs: LOAD_MS });
    const lastAppendAtMs = clockMs();
    over = true;
    await sampling;
    while (tree.leaves < events) await once(child, 'message', { signal: AbortSignal.timeout(DEADLINE_MS) });
    const sorted = lagsMs.sort((a, b) => a - b);
    return {
      medianSeconds: percentile(sorted, 0.5) / 1_000,
      p99Seconds: percentile(sorted, 0.99) / 1_000,
      levelAfterSeconds: Math.max(0, tree.atMs - lastAppendAtMs) / 1_000,
      appendsPerSecond: (events / LOAD_MS) * 1_000,
    };
  } finally {
    child.disconnect();
    if (child.exitCode === null) await once(child, 'exit');
  }
}

function clockMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
