import { openObjectStore, type ObjectStore } from '@cairn/object-store';
import type { AppendResult, EventFilter, EventStore, LogPage, ReadStreamOptions, StoredEvent, StoredRecord, StreamAppend } from '../event-store.js';
import { archiveLog } from '../postgres/archive/archive-log.js';
import { PostgresEventStore } from '../postgres/postgres-event-store.js';

/** Few enough that a handful of events has several segments. */
const EVENTS_PER_SEGMENT = 7;

/** Archives the earlier half of a log, again and again as it grows. */
class HalfArchive {
  private archived = 0n;
  private running: Promise<void> | undefined;

  constructor(
    private readonly url: string,
    private readonly objects: ObjectStore,
  ) {}

  /** Who asks while it runs waits for that run: the log may have grown meanwhile. */
  archiveHalf(store: EventStore): Promise<void> {
    this.running ??= this.archive(store).finally(() => (this.running = undefined));
    return this.running;
  }

  private async archive(store: EventStore): Promise<void> {
    const half = (await store.size()) / 2n;
    if (half <= this.archived) return;
    const { end } = await archiveLog(half, { url: this.url, objects: this.objects, limits: { maxEvents: EVENTS_PER_SEGMENT } });
    this.archived = end;
  }
}

/** The log in PostgreSQL whose earlier half lies in the object store whenever somebody asks it something. */
export class HalfArchivedStore implements EventStore {
  private constructor(
    private readonly inner: PostgresEventStore,
    private readonly half: HalfArchive,
  ) {}

  /** So many stores over one log. */
  static async open(url: string, objectsFolder: string, count: number): Promise<HalfArchivedStore[]> {
    const objects = await openObjectStore(`file://${objectsFolder}`);
    const half = new HalfArchive(url, objects);
    const stores = Array.from({ length: count }, () => PostgresEventStore.open({ url, archive: { objects } }));
    return (await Promise.all(stores)).map((store) => new HalfArchivedStore(store, half));
  }

  async append(appends: readonly StreamAppend[]): Promise<readonly AppendResult[]> {
    await this.half.archiveHalf(this.inner);
    return this.inner.append(appends);
  }

  async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly StoredEvent[]> {
    await this.half.archiveHalf(this.inner);
    return this.inner.readStream(stream, options);
  }

  async readAll(from: bigint, options?: { filter?: EventFilter; limit?: number }): Promise<LogPage> {
    await this.half.archiveHalf(this.inner);
    return this.inner.readAll(from, options);
  }

  async readRecords(from: bigint, options?: { limit?: number }): Promise<LogPage<StoredRecord>> {
    await this.half.archiveHalf(this.inner);
    return this.inner.readRecords(from, options);
  }

  follow(from: bigint, options: { filter?: EventFilter; limit?: number; signal: AbortSignal }): AsyncIterable<LogPage> {
    return this.archiving(this.inner.follow(from, options));
  }

  followRecords(from: bigint, options: { limit?: number; signal: AbortSignal }): AsyncIterable<LogPage<StoredRecord>> {
    return this.archiving(this.inner.followRecords(from, options));
  }

  /** The border moves on while a follower reads. */
  private async *archiving<Page>(pages: AsyncIterable<Page>): AsyncGenerator<Page> {
    for await (const page of pages) {
      await this.half.archiveHalf(this.inner);
      yield page;
    }
  }

  size(): Promise<bigint> {
    return this.inner.size();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
