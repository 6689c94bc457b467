import type { EventFilter } from './event-store.js';

export function passes(filter: EventFilter | undefined, event: { readonly type: string; readonly stream: string }): boolean {
  if (filter?.types !== undefined && !filter.types.includes(event.type)) return false;
  return filter?.streamPrefixes === undefined || filter.streamPrefixes.some((prefix) => event.stream.startsWith(prefix));
}
