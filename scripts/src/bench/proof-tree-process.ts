import { PostgresEventStore } from '@cairn/event-store';
import { TileWriter } from '@cairn/transparency';

/** How far the tree has come; `atMs` by the clock that all processes of a machine share. */
export interface TreeProgress {
  readonly leaves: number;
  readonly atMs: number;
}

/** A service that keeps the tree: follows the log from its start, adds every leaf, and takes the tiles and a root after each page, as a checkpoint needs them. */
const store = await PostgresEventStore.open({ url: process.argv[2] ?? '', poolSize: 2 });
const writer = new TileWriter();
const ended = new AbortController();
process.on('disconnect', () => ended.abort());
process.send?.({ leaves: 0, atMs: nowMs() } satisfies TreeProgress);
for await (const { events } of store.followRecords(0n, { limit: 2_000, signal: ended.signal })) {
  for (const { leaf } of events) writer.append(leaf);
  writer.takeTiles();
  writer.root();
  process.send?.({ leaves: Number(writer.size), atMs: nowMs() } satisfies TreeProgress);
}
await store.close();

function nowMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
