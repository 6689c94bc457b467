import { ERASED, personalFields } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';
import { LRUCache } from 'lru-cache';
import { EventStoreError } from '../errors.js';
import type { NewEvent, StoredEvent, StreamAppend } from '../event-store.js';
import { seal, sealedUnder, unseal } from './seal.js';
import type { SubjectKey, SubjectKeys } from './subject-keys.js';

const REMEMBERED_KEYS = 10_000;
/** So long a process may go on reading what another one has erased. */
const KEY_TTL_MS = 60_000;

/** Seals the personal fields of events on their way into the log, and opens them on their way out. What isn't personal passes as it is. */
export class PersonalData {
  private readonly known = new LRUCache<string, { readonly key: SubjectKey | undefined }>({ max: REMEMBERED_KEYS, ttl: KEY_TTL_MS });

  /** Without keys, events with personal data are refused as INVALID_EVENT, and sealed ones read as they are. */
  constructor(private readonly keys: SubjectKeys | undefined) {}

  /** Throws UNAVAILABLE. A promise only when there is something to seal: everything else keeps its turn. */
  seal(appends: readonly StreamAppend[]): readonly StreamAppend[] | Promise<readonly StreamAppend[]> {
    if (!appends.some(({ events }) => events.some(isPersonal))) return appends;
    return Promise.all(appends.map(async (append) => ({ ...append, events: await Promise.all(append.events.map((event) => this.sealEvent(event))) })));
  }

  /** Throws UNAVAILABLE. What can't be opened any more reads as `[erased]`. */
  async open(events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    if (this.keys === undefined) return events;
    // Most pages hold nothing personal, and a replay looks at every event of the log.
    const personal = events.filter(({ type }) => personalFields(type).length > 0);
    const ids = new Set(personal.flatMap(keyIdsOf));
    if (ids.size === 0) return events;
    await this.learn(ids, this.keys);
    return events.map((event) => this.openEvent(event));
  }

  private async sealEvent(event: NewEvent): Promise<NewEvent> {
    if (!isPersonal(event)) return event;
    if (this.keys === undefined) {
      throw new EventStoreError('INVALID_EVENT', `${event.type} holds personal data, and this event store has no keys to seal it with: give it subject keys.`);
    }
    const sealed: JsonObject = {};
    for (const { name, subject } of personalFields(event.type)) {
      const [text, whose] = [event.data[name], event.data[subject]];
      if (typeof text !== 'string' || text === '') continue;
      const key = await this.keys.keyOf(typeof whose === 'string' ? whose : '');
      sealed[name] = seal(text, key, { eventId: event.id, type: event.type, field: name });
    }
    return { ...event, data: { ...event.data, ...sealed } };
  }

  private openEvent(event: StoredEvent): StoredEvent {
    const opened: JsonObject = {};
    for (const { name } of personalFields(event.type)) {
      const text = event.data[name];
      const keyId = sealedUnder(text);
      if (keyId === undefined || typeof text !== 'string') continue;
      const key = this.known.get(keyId)?.key;
      opened[name] = (key && unseal(text, key, { eventId: event.id, type: event.type, field: name })) ?? ERASED;
    }
    return { ...event, data: { ...event.data, ...opened } };
  }

  private async learn(ids: ReadonlySet<string>, keys: SubjectKeys): Promise<void> {
    const unknown = [...ids].filter((id) => !this.known.has(id));
    if (unknown.length === 0) return;
    const found = await keys.find(unknown);
    for (const id of unknown) this.known.set(id, { key: found.get(id) });
  }
}

function isPersonal({ type, data }: NewEvent): boolean {
  return personalFields(type).some(({ name }) => typeof data[name] === 'string' && data[name] !== '');
}

function keyIdsOf({ type, data }: StoredEvent): string[] {
  return personalFields(type).flatMap(({ name }) => sealedUnder(data[name]) ?? []);
}
