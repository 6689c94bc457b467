import type { EventStore, NewEvent } from '../event-store.js';
import { EventStoreError } from '../errors.js';
import type { Acknowledged } from './consistency.js';
import { appendTo, someEvent } from './events.js';

/** Appends that got no answer, to be sent again with the same ids. */
export interface Load {
  readonly acknowledged: Acknowledged[];
  readonly unanswered: { readonly stream: string; readonly event: NewEvent }[];
}

/** Many writers over a few streams, each appending one event after the other until it has made `perWriter` attempts. */
export async function appendFrom(store: EventStore, writers: number, perWriter: number, load: Load = { acknowledged: [], unanswered: [] }): Promise<Load> {
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let count = 0; count < perWriter; count += 1) await appendOne(store, `thing-${writer % 7}`, someEvent({ writer, count }), load);
    }),
  );
  return load;
}

/** As appendFrom, for as long as `goesOn` says. */
export async function appendWhile(store: EventStore, writers: number, goesOn: () => boolean, load: Load = { acknowledged: [], unanswered: [] }): Promise<Load> {
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let count = 0; goesOn(); count += 1) await appendOne(store, `thing-${writer % 7}`, someEvent({ writer, count }), load);
    }),
  );
  return load;
}

/** Sends the unanswered ones again, until each is answered. */
export async function appendAgain(store: EventStore, load: Load): Promise<Load> {
  while (load.unanswered.length > 0) {
    const again = load.unanswered.splice(0);
    await Promise.all(again.map(({ stream, event }) => appendOne(store, stream, event, load)));
  }
  return load;
}

async function appendOne(store: EventStore, stream: string, event: NewEvent, load: Load): Promise<void> {
  try {
    const [result] = await store.append([appendTo(stream, 'any', event)]);
    if (result !== undefined) load.acknowledged.push({ id: event.id, result });
  } catch (error) {
    if (!(error instanceof EventStoreError) || error.code !== 'UNAVAILABLE') throw error;
    load.unanswered.push({ stream, event });
  }
}
