import { SystemClock, type Clock } from '@cairn/kernel';
import { draftAppend } from '../append-draft.js';
import { DEFAULT_LIMITS, type QueueLimits } from '../batching/append-queue.js';
import { AppendWriter } from '../batching/append-writer.js';
import { StreamHeads } from '../batching/stream-heads.js';
import { EventStoreError } from '../errors.js';
import type { AppendResult, EventFilter, EventStore, LogPage, ReadStreamOptions, StoredEvent, StoredRecord, StreamAppend } from '../event-store.js';
import { changed, followLog, parsePage, type UnparsedPage } from '../follow.js';
import { pageLimit } from '../limits.js';
import { PersonalData } from '../personal/personal-data.js';
import type { SubjectKeys } from '../personal/subject-keys.js';
import type { ArchiveReading } from './archive/archived-bodies.js';
import { BatchStore } from './batch-store.js';
import { Connection } from './connection.js';
import { LogListener } from './log-listener.js';
import { LogReader } from './log-reader.js';
import { PostgresSubjectKeys } from './postgres-subject-keys.js';
import { ensureSchema } from './schema.js';
import { StreamReader } from './stream-reader.js';

const DEFAULT_POOL_SIZE = 4;
const POLL_MS = 1_000;

export interface PostgresEventStoreOptions {
  /** A direct connection or a pooler in session mode: LISTEN and prepared statements need a session. */
  readonly url: string;
  /** Connections for reading; one more appends, and one listens for all stores of this process. */
  readonly poolSize?: number;
  readonly clock?: Clock;
  readonly limits?: Partial<QueueLimits>;
  /** Keys of data subjects; by default those in the same database. */
  readonly subjectKeys?: SubjectKeys;
  /** Where archived events are read; without it, reading one is ARCHIVE_UNREADABLE. Whoever passes the object store in closes it. */
  readonly archive?: ArchiveReading;
}

/** The log in PostgreSQL, in the schema `event_store`. */
export class PostgresEventStore implements EventStore {
  private readonly writer: AppendWriter;
  private readonly reader: LogReader;
  private readonly streams: StreamReader;
  private readonly listener: LogListener;
  private readonly personal: PersonalData;
  private readonly closed = new AbortController();

  private constructor({ url, poolSize = DEFAULT_POOL_SIZE, clock = new SystemClock(), limits, subjectKeys, archive }: PostgresEventStoreOptions) {
    const heads = new StreamHeads();
    this.listener = LogListener.share(url);
    this.reader = new LogReader(url, poolSize, archive);
    this.streams = new StreamReader(this.reader, heads);
    this.personal = new PersonalData(subjectKeys ?? new PostgresSubjectKeys(url, (statement) => this.reader.rows(statement)));
    const queueLimits = { ...DEFAULT_LIMITS, ...limits };
    const batches = new BatchStore({ url, clock, heads, limits: queueLimits, onAppended: (size) => this.listener.watch.advance(size) });
    this.writer = new AppendWriter(batches, queueLimits);
  }

  /** Makes the tables unless they are there; many processes may do so at once. Throws UNAVAILABLE. */
  static async open(options: PostgresEventStoreOptions): Promise<PostgresEventStore> {
    const connection = await Connection.open(options.url, 'schema');
    try {
      await ensureSchema(connection);
    } catch (cause) {
      if (cause instanceof EventStoreError) throw cause;
      throw new EventStoreError('UNAVAILABLE', 'The tables of the event store cannot be made.', { cause });
    } finally {
      connection.close();
    }
    return new PostgresEventStore(options);
  }

  async append(appends: readonly StreamAppend[]): Promise<readonly AppendResult[]> {
    this.requireOpen();
    const sealed = this.personal.seal(appends);
    const draft = draftAppend(sealed instanceof Promise ? await sealed : sealed);
    return draft.ids.length === 0 ? [] : this.writer.append(draft);
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<readonly StoredEvent[]> {
    this.requireOpen();
    return this.personal.open(await this.streams.read(stream, options));
  }

  async readAll(from: bigint, options: { filter?: EventFilter; limit?: number } = {}): Promise<LogPage> {
    this.requireOpen();
    return parsePage(await this.readEvents(from, pageLimit(options.limit), options.filter));
  }

  async readRecords(from: bigint, options: { limit?: number } = {}): Promise<LogPage<StoredRecord>> {
    this.requireOpen();
    return parsePage(await this.reader.readRecords(from, pageLimit(options.limit)));
  }

  follow(from: bigint, options: { filter?: EventFilter; limit?: number; signal: AbortSignal }): AsyncIterable<LogPage> {
    return this.followWith(from, options, (at, limit) => this.readEvents(at, limit, options.filter));
  }

  followRecords(from: bigint, options: { limit?: number; signal: AbortSignal }): AsyncIterable<LogPage<StoredRecord>> {
    return this.followWith(from, options, (at, limit) => this.reader.readRecords(at, limit));
  }

  async size(): Promise<bigint> {
    this.requireOpen();
    return this.reader.size();
  }

  /** Appends that wait are still made, followers end, connections close. */
  async close(): Promise<void> {
    if (this.closed.signal.aborted) return;
    this.closed.abort();
    await this.writer.close();
    await Promise.all([this.reader.close(), this.listener.release()]);
  }

  private async readEvents(from: bigint, limit: number, filter?: EventFilter): Promise<UnparsedPage<StoredEvent>> {
    return changed(await this.reader.readAll(from, limit, filter), (events) => this.personal.open(events));
  }

  private followWith<Item>(from: bigint, options: { limit?: number; signal: AbortSignal }, read: (from: bigint, limit: number) => Promise<UnparsedPage<Item>>) {
    this.requireOpen();
    this.listener.start();
    const signal = AbortSignal.any([options.signal, this.closed.signal]);
    const limit = pageLimit(options.limit);
    return followLog(from, { read: (at) => read(at, limit), limit, watch: this.listener.watch, signal, pollMs: POLL_MS });
  }

  private requireOpen(): void {
    if (this.closed.signal.aborted) throw new EventStoreError('UNAVAILABLE', 'The event store is closed.');
  }
}
