import { SystemClock, type Clock } from '@cairn/kernel';
import { conflictOf, draftAppend, NO_STREAM, placesOf, planRevisions } from '../append-draft.js';
import { EventStoreError } from '../errors.js';
import type { AppendResult, EventFilter, EventStore, LogPage, ReadStreamOptions, StoredEvent, StoredRecord, StreamAppend } from '../event-store.js';
import { passes } from '../filter.js';
import { followLog } from '../follow.js';
import { DEFAULT_PAGE, pageLimit } from '../limits.js';
import { LogWatch } from '../log-watch.js';
import { MemorySubjectKeys } from '../personal/memory-subject-keys.js';
import { PersonalData } from '../personal/personal-data.js';
import type { SubjectKeys } from '../personal/subject-keys.js';
import { leafHash, parseRecord, writeEvent, type EventDraft } from '../record.js';

const POLL_MS = 1_000;

/** The log in memory, for specs: keeps every promise of the port but the one to survive the process. */
export class MemoryEventStore implements EventStore {
  private readonly clock: Clock;
  private readonly personal: PersonalData;
  private readonly records: StoredRecord[] = [];
  private readonly streams = new Map<string, StoredRecord[]>();
  private readonly byId = new Map<string, StoredRecord>();
  private readonly watch = new LogWatch();
  private readonly closed = new AbortController();

  constructor(options: { readonly clock?: Clock; readonly subjectKeys?: SubjectKeys } = {}) {
    this.clock = options.clock ?? new SystemClock();
    this.personal = new PersonalData(options.subjectKeys ?? new MemorySubjectKeys());
  }

  async append(appends: readonly StreamAppend[]): Promise<readonly AppendResult[]> {
    this.requireOpen();
    const sealed = this.personal.seal(appends);
    const draft = draftAppend(sealed instanceof Promise ? await sealed : sealed);
    const places = placesOf(draft, (id) => this.byId.get(id));
    if (places instanceof EventStoreError) throw places;
    if (places !== undefined) return places;
    const firsts = planRevisions(draft, { get: (stream) => this.head(stream), set: () => undefined });
    if (firsts === undefined) throw conflictOf(draft);
    const results = draft.streams.map(({ stream, events }, index): AppendResult => {
      let revision = (firsts[index] ?? 0n) - 1n;
      for (const event of events) this.store(event, (revision += 1n));
      return { stream, revision, position: BigInt(this.records.length - 1) };
    });
    this.watch.advance(BigInt(this.records.length));
    return results;
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<readonly StoredEvent[]> {
    this.requireOpen();
    const records = this.streams.get(stream) ?? [];
    const limit = pageLimit(options.limit);
    if (options.direction === 'backwards') {
      const end = options.from === undefined ? records.length : Math.min(records.length, Number(options.from) + 1);
      return this.personal.open(records.slice(Math.max(0, end - limit), Math.max(0, end)).reverse().map(parseRecord));
    }
    const start = Math.max(0, Number(options.from ?? 0n));
    return this.personal.open(records.slice(start, start + limit).map(parseRecord));
  }

  async readAll(from: bigint, options: { filter?: EventFilter; limit?: number } = {}): Promise<LogPage> {
    this.requireOpen();
    const page = this.select(from, pageLimit(options.limit), options.filter);
    return { events: await this.personal.open(page.events.map(parseRecord)), next: page.next };
  }

  async readRecords(from: bigint, options: { limit?: number } = {}): Promise<LogPage<StoredRecord>> {
    this.requireOpen();
    return this.select(from, pageLimit(options.limit));
  }

  follow(from: bigint, options: { filter?: EventFilter; limit?: number; signal: AbortSignal }): AsyncIterable<LogPage> {
    return this.followWith(from, options, (at) => this.readAll(at, options));
  }

  followRecords(from: bigint, options: { limit?: number; signal: AbortSignal }): AsyncIterable<LogPage<StoredRecord>> {
    return this.followWith(from, options, (at) => this.readRecords(at, options));
  }

  async size(): Promise<bigint> {
    return BigInt(this.records.length);
  }

  async close(): Promise<void> {
    this.closed.abort();
  }

  private followWith<Item>(from: bigint, options: { limit?: number; signal: AbortSignal }, read: (from: bigint) => Promise<LogPage<Item>>) {
    const signal = AbortSignal.any([options.signal, this.closed.signal]);
    const unparsed = async (at: bigint) => {
      const { events, next } = await read(at);
      return { count: events.length, next, parse: async () => events };
    };
    return followLog(from, { read: unparsed, limit: options.limit ?? DEFAULT_PAGE, watch: this.watch, signal, pollMs: POLL_MS });
  }

  private select(from: bigint, limit: number, filter?: EventFilter): LogPage<StoredRecord> {
    const events: StoredRecord[] = [];
    let next = Math.max(0, Number(from));
    for (; next < this.records.length && events.length < limit; next += 1) {
      const record = this.records[next];
      if (record !== undefined && passes(filter, record)) events.push(record);
    }
    return { events, next: BigInt(next) };
  }

  private store(draft: EventDraft, revision: bigint): void {
    const written = writeEvent(draft, revision, this.clock.now());
    const record: StoredRecord = { position: BigInt(this.records.length), ...written, leaf: leafHash(written.body) };
    this.records.push(record);
    this.byId.set(record.id, record);
    const stream = this.streams.get(record.stream);
    if (stream === undefined) this.streams.set(record.stream, [record]);
    else stream.push(record);
  }

  private head(stream: string): bigint {
    return this.streams.get(stream)?.at(-1)?.revision ?? NO_STREAM;
  }

  private requireOpen(): void {
    if (this.closed.signal.aborted) throw new EventStoreError('UNAVAILABLE', 'The event store is closed.');
  }
}
