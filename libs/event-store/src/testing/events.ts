import { newId } from '@cairn/kernel';
import type { EventStore, LogPage, NewEvent, StoredEvent, StreamAppend } from '../event-store.js';

/** An event with its own id; `data` says what a spec wants to find again. */
export function someEvent(data: NewEvent['data'] = {}, type = 'cairn.test.v1.Happened'): NewEvent {
  return { id: newId(), type, data, meta: { source: '/test', workspace: 'default', actor: { principal: 'alice' }, correlationId: newId() } };
}

export function someEvents(count: number): NewEvent[] {
  return Array.from({ length: count }, (_, index) => someEvent({ index }));
}

export function appendTo(stream: string, expected: StreamAppend['expected'], ...events: NewEvent[]): StreamAppend {
  return { stream, expected, events };
}

/** The whole log, page by page. */
export async function wholeLog(store: EventStore, limit = 1_000): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let from = 0n; ; ) {
    const page = await store.readAll(from, { limit });
    events.push(...page.events);
    if (page.next === from) return events;
    from = page.next;
  }
}

/** Collects what a follower yields until `enough`; then the follower ends. */
export async function followUntil(
  store: EventStore,
  enough: (events: readonly StoredEvent[]) => boolean,
  options: { from?: bigint; limit?: number; filter?: { types?: readonly string[]; streamPrefixes?: readonly string[] } } = {},
): Promise<{ events: StoredEvent[]; pages: LogPage[] }> {
  const abort = new AbortController();
  const events: StoredEvent[] = [];
  const pages: LogPage[] = [];
  for await (const page of store.follow(options.from ?? 0n, { ...options, signal: abort.signal })) {
    pages.push(page);
    events.push(...page.events);
    if (enough(events)) abort.abort();
  }
  return { events, pages };
}
