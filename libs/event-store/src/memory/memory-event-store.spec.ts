import { FixedClock } from '@cairn/kernel';
import { expect, it } from 'vitest';
import { eventStoreContract } from '../testing/event-store.contract.js';
import { appendTo, someEvent } from '../testing/events.js';
import { MemoryEventStore } from './memory-event-store.js';

eventStoreContract('memory', async () => {
  const store = new MemoryEventStore();
  return { store, other: store, close: () => store.close() };
});

it('takes the time from its clock', async () => {
  const store = new MemoryEventStore({ clock: new FixedClock('2026-01-02T03:04:05.000006Z') });
  await store.append([appendTo('thing-a', 'none', someEvent())]);
  expect(await store.readStream('thing-a')).toMatchObject([{ time: '2026-01-02T03:04:05.000006Z' }]);
});
