import { EventStoreError, type EventStore, type StreamAppend } from '@cairn/event-store';

/** Loses the answer to one append of `type`: before the event is stored, or after. */
export class LossyStore {
  lose: { readonly type: string; readonly stored: boolean } | undefined;

  over(store: EventStore): EventStore {
    const append = async (appends: readonly StreamAppend[]) => {
      const lost = this.lose;
      if (lost === undefined || !appends.some(({ events }) => events.some(({ type }) => type === lost.type))) return store.append(appends);
      this.lose = undefined;
      if (lost.stored) await store.append(appends);
      throw new EventStoreError('UNAVAILABLE', 'the answer was lost');
    };
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'append') return append;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }
}
