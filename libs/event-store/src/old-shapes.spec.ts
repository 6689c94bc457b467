import { decodeEvent, type catalog, type EventOf } from '@cairn/contracts';
import type { Decider } from '@cairn/kernel';
import { expect, it } from 'vitest';
import { CommandHandler } from './command-handler.js';
import { MemoryEventStore } from './memory/memory-event-store.js';
import { verifyRecord } from './record.js';
import { appendTo, someEvent } from './testing/events.js';

type Registered = EventOf<catalog.DatasetVersionRegistered>;

const id = '01900000-0000-7000-8000-0000000000a1';
const stream = `dataset-version-${id}`;
const sources: Decider<string[], never, Registered> = {
  category: 'dataset-version',
  initialState: () => [],
  evolve: (names, { data }) => [...names, data.source?.name ?? 'nowhere'],
  decide: () => [],
  refusals: {},
};

it('a log with events of an old shape folds and replays as if they had the new one, and none of their bytes change', async () => {
  const store = new MemoryEventStore();
  const old = someEvent({ versionId: id, version: 1, origin: 'npm:vega-datasets@3.2.1/data/flights.parquet' }, 'cairn.catalog.v1.DatasetVersionRegistered');
  await store.append([appendTo(stream, 'none', old)]);
  const before = await store.readRecords(0n);

  expect((await new CommandHandler(store, '/test').state(sources, id)).state).toEqual(['vega-datasets']);
  for (const { type, data } of (await store.readAll(0n)).events) {
    expect(decodeEvent<Registered>(type, data).data).toMatchObject({ origin: 'npm:vega-datasets@3.2.1/data/flights.parquet', source: { kind: 'package', version: '3.2.1' } });
  }

  const after = await store.readRecords(0n);
  expect(after).toEqual(before);
  expect(after.events.every(verifyRecord)).toBe(true);
  expect(after.events[0]?.body).not.toContain('"kind"');
});
