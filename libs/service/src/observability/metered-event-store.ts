import {
  EventStoreError,
  type AppendResult,
  type EventFilter,
  type EventStore,
  type LogPage,
  type ReadStreamOptions,
  type StoredEvent,
  type StoredRecord,
  type StreamAppend,
} from '@cairn/event-store';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Counts what goes into the log; everything else is handed through. */
export class MeteredEventStore implements EventStore {
  private readonly appended: Counter<'type'>;
  private readonly failed: Counter<'code'>;
  private readonly seconds: Histogram;

  constructor(
    private readonly inner: EventStore,
    registry: Registry,
  ) {
    const registers = [registry];
    this.appended = new Counter({ name: 'cairn_events_appended_total', help: 'Events appended by this process.', labelNames: ['type'], registers });
    this.failed = new Counter({ name: 'cairn_append_failures_total', help: 'Appends that failed, by code.', labelNames: ['code'], registers });
    this.seconds = new Histogram({
      name: 'cairn_append_duration_seconds',
      help: 'Time until an append is durable.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    });
  }

  async append(appends: readonly StreamAppend[]): Promise<readonly AppendResult[]> {
    const stopTimer = this.seconds.startTimer();
    try {
      const results = await this.inner.append(appends);
      for (const { events } of appends) for (const { type } of events) this.appended.inc({ type });
      return results;
    } catch (error) {
      this.failed.inc({ code: error instanceof EventStoreError ? error.code : 'UNKNOWN' });
      throw error;
    } finally {
      stopTimer();
    }
  }

  readStream(stream: string, options?: ReadStreamOptions): Promise<readonly StoredEvent[]> {
    return this.inner.readStream(stream, options);
  }

  readAll(from: bigint, options?: { filter?: EventFilter; limit?: number }): Promise<LogPage> {
    return this.inner.readAll(from, options);
  }

  readRecords(from: bigint, options?: { limit?: number }): Promise<LogPage<StoredRecord>> {
    return this.inner.readRecords(from, options);
  }

  follow(from: bigint, options: { filter?: EventFilter; limit?: number; signal: AbortSignal }): AsyncIterable<LogPage> {
    return this.inner.follow(from, options);
  }

  followRecords(from: bigint, options: { limit?: number; signal: AbortSignal }): AsyncIterable<LogPage<StoredRecord>> {
    return this.inner.followRecords(from, options);
  }

  size(): Promise<bigint> {
    return this.inner.size();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
