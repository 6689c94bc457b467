import { encodeEvent, type EventOf, type tracking } from '@cairn/contracts';
import type { EventStore, NewEvent } from '@cairn/event-store';
import { newId, streamName } from '@cairn/kernel';

export type NameClaimed = EventOf<tracking.ExperimentNameClaimed>;
export const NAME_CLAIMED = 'cairn.tracking.v1.ExperimentNameClaimed';

/** A small event to send about; `name` is what a spec recognises it by. */
export function nameClaimed(name: string, id: string = newId()): NewEvent {
  const event: NameClaimed = { type: NAME_CLAIMED, data: { name, experimentId: newId() } };
  return {
    id,
    type: event.type,
    data: encodeEvent(event),
    meta: { source: '/experiment-tracking', workspace: 'default', actor: { principal: 'ada' }, correlationId: newId() },
  };
}

/** Appends one claim per name, each in a stream of its own, in one append. Answers the position of the last. */
export async function appendClaims(store: EventStore, names: readonly string[]): Promise<bigint> {
  const results = await store.append(
    names.map((name) => ({ stream: streamName('experiment-name', newId()), expected: 'none' as const, events: [nameClaimed(name)] })),
  );
  return results.at(-1)?.position ?? -1n;
}

/** `prefix-0`, `prefix-1`, … */
export function names(count: number, prefix = 'claim'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}
