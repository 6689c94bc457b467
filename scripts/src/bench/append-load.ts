import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreError, type AppendResult, type EventStore, type ExpectedRevision, type StreamAppend } from '@cairn/event-store';
import { benchEvent, nextId } from './bench-event.js';

/** What one process of the matrix is told to do. */
export interface AppendLoad {
  readonly writers: number;
  readonly eventsPerAppend: number;
  readonly forMs: number;
}

export interface AppendCount {
  readonly events: number;
  /** Appends that a full queue refused; their writers wait a little and try again. */
  readonly refused: number;
}

const BACK_OFF_MS = 5;

/** Writers that each append at the revision they know, wait until it is durable, and append the next. Every writer has a stream of its own. */
export async function appendLoad(store: EventStore, { writers, eventsPerAppend, forMs }: AppendLoad): Promise<AppendCount> {
  const startedAtMs = performance.now();
  const counts = await Promise.all(
    Array.from({ length: writers }, async () => {
      const stream = `run-${nextId()}`;
      let expected: ExpectedRevision = 'none';
      let [events, refused] = [0, 0];
      for (let begun = false; !begun || performance.now() - startedAtMs < forMs; begun = true) {
        const results = await unlessOverloaded(store, { stream, expected, events: Array.from({ length: eventsPerAppend }, benchEvent) });
        if (results === undefined) {
          refused += 1;
          await pause(BACK_OFF_MS);
          continue;
        }
        expected = results[0]?.revision ?? expected;
        events += eventsPerAppend;
      }
      return { events, refused };
    }),
  );
  return counts.reduce((sum, { events, refused }) => ({ events: sum.events + events, refused: sum.refused + refused }), { events: 0, refused: 0 });
}

async function unlessOverloaded(store: EventStore, append: StreamAppend): Promise<readonly AppendResult[] | undefined> {
  try {
    return await store.append([append]);
  } catch (error) {
    if (error instanceof EventStoreError && error.code === 'OVERLOADED') return undefined;
    throw error;
  }
}
