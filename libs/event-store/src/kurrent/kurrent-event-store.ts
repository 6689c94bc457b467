import { SystemClock, type Clock } from '@cairn/kernel';
import { draftAppend } from '../append-draft.js';
import { DEFAULT_LIMITS, type QueueLimits } from '../batching/append-queue.js';
import { AppendWriter } from '../batching/append-writer.js';
import { StreamHeads } from '../batching/stream-heads.js';
import { EventStoreError } from '../errors.js';
import type { AppendResult, EventFilter, EventStore, LogPage, ReadStreamOptions, StoredEvent, StoredRecord, StreamAppend } from '../event-store.js';
import { changed, followLog, parsePage, type UnparsedPage } from '../follow.js';
import { pageLimit } from '../limits.js';
import { LogWatch } from '../log-watch.js';
import { PersonalData } from '../personal/personal-data.js';
import type { SubjectKeys } from '../personal/subject-keys.js';
import { parseRecord } from '../record.js';
import { KurrentBatches } from './kurrent-batches.js';
import type { KurrentClient } from './kurrent-client.js';
import { KurrentReader } from './kurrent-reader.js';
import { LogSubscription } from './log-subscription.js';
import { StreamNames } from './stream-names.js';

const POLL_MS = 1_000;
/** KurrentDB takes 1 MiB in a transaction unless it is configured otherwise; claims and metadata need their part of it. */
const BATCH_BYTES = 256 * 1024;

export interface KurrentEventStoreOptions {
  /** Keeps this log apart from whatever else the database holds. */
  readonly namespace?: string;
  readonly clock?: Clock;
  readonly limits?: Partial<QueueLimits>;
  /** Keys of data subjects. KurrentDB can delete nothing for good, so they have to lie elsewhere; without them, events with personal data are refused. */
  readonly subjectKeys?: SubjectKeys;
}

/** The log in KurrentDB, 26.1 or newer. README.md says how positions become dense and what that costs. */
export class KurrentEventStore implements EventStore {
  private readonly writer: AppendWriter;
  private readonly reader: KurrentReader;
  private readonly watch = new LogWatch();
  private readonly personal: PersonalData;
  private readonly subscription: LogSubscription;
  private readonly closed = new AbortController();

  /** `connect` is for URLs; a client that is handed in is disposed of by `close`. */
  constructor(
    private readonly client: KurrentClient,
    { namespace = 'cairn', clock = new SystemClock(), limits, subjectKeys }: KurrentEventStoreOptions = {},
  ) {
    const heads = new StreamHeads();
    const names = new StreamNames(namespace);
    this.reader = new KurrentReader(client, names);
    this.personal = new PersonalData(subjectKeys);
    this.subscription = new LogSubscription(client, names.log, this.watch);
    const batches = new KurrentBatches({ client, reader: this.reader, names, clock, heads, onAppended: (size) => this.watch.advance(size) });
    this.writer = new AppendWriter(batches, { ...DEFAULT_LIMITS, maxBatchBytes: BATCH_BYTES, ...limits });
  }

  /** `url` as KurrentDB writes it, e.g. `kurrentdb://127.0.0.1:2113?tls=false`. The client, a native module, is loaded only here. Throws UNAVAILABLE. */
  static async open({ url, ...options }: KurrentEventStoreOptions & { readonly url: string }): Promise<KurrentEventStore> {
    const { KurrentDBClient } = await import('@kurrent/kurrentdb-client');
    const store = new KurrentEventStore(KurrentDBClient.connectionString(url), options);
    try {
      await store.size();
      return store;
    } catch (unreachable) {
      await store.close();
      throw unreachable;
    }
  }

  async append(appends: readonly StreamAppend[]): Promise<readonly AppendResult[]> {
    this.requireOpen();
    const sealed = this.personal.seal(appends);
    const draft = draftAppend(sealed instanceof Promise ? await sealed : sealed);
    return draft.ids.length === 0 ? [] : this.writer.append(draft);
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<readonly StoredEvent[]> {
    this.requireOpen();
    return this.personal.open((await this.reader.readStream(stream, options, pageLimit(options.limit))).map(parseRecord));
  }

  async readAll(from: bigint, options: { filter?: EventFilter; limit?: number } = {}): Promise<LogPage> {
    this.requireOpen();
    return parsePage(await this.readEvents(from, pageLimit(options.limit), options.filter));
  }

  async readRecords(from: bigint, options: { limit?: number } = {}): Promise<LogPage<StoredRecord>> {
    this.requireOpen();
    return parsePage(await this.reader.readAll(from, pageLimit(options.limit)));
  }

  follow(from: bigint, options: { filter?: EventFilter; limit?: number; signal: AbortSignal }): AsyncIterable<LogPage> {
    return this.followWith(from, options, (at, limit) => this.readEvents(at, limit, options.filter));
  }

  followRecords(from: bigint, options: { limit?: number; signal: AbortSignal }): AsyncIterable<LogPage<StoredRecord>> {
    return this.followWith(from, options, (at, limit) => this.reader.readAll(at, limit));
  }

  async size(): Promise<bigint> {
    this.requireOpen();
    return (await this.reader.head()).size;
  }

  async close(): Promise<void> {
    if (this.closed.signal.aborted) return;
    this.closed.abort();
    await this.writer.close();
    await this.subscription.close();
    await this.client.dispose();
  }

  private async readEvents(from: bigint, limit: number, filter?: EventFilter): Promise<UnparsedPage<StoredEvent>> {
    return changed(await this.reader.readAll(from, limit, filter), (records) => this.personal.open(records.map(parseRecord)));
  }

  private followWith<Item>(from: bigint, options: { limit?: number; signal: AbortSignal }, read: (from: bigint, limit: number) => Promise<UnparsedPage<Item>>) {
    this.requireOpen();
    this.subscription.start();
    const signal = AbortSignal.any([options.signal, this.closed.signal]);
    const limit = pageLimit(options.limit);
    return followLog(from, { read: (at) => read(at, limit), limit, watch: this.watch, signal, pollMs: POLL_MS });
  }

  private requireOpen(): void {
    if (this.closed.signal.aborted) throw new EventStoreError('UNAVAILABLE', 'The event store is closed.');
  }
}
