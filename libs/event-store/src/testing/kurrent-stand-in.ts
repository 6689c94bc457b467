import { EventEmitter, on } from 'node:events';
import type { AllStreamJSONRecordedEvent, AllStreamResolvedEvent, AppendRecordInput, ConsistencyCheck, Position, ResolvedEvent } from '@kurrent/kurrentdb-client';
import type { KurrentClient, KurrentSubscription } from '../kurrent/kurrent-client.js';

/** Bytes of a record, in a transaction file whose positions are anything but dense. */
const RECORD_BYTES = 137n;

type Recorded = AllStreamJSONRecordedEvent;

/**
 * What KurrentDB promises of the calls that the store makes, in memory: transactions over several streams, checks of their revisions, sparse positions,
 * JSON that is parsed again. For specs, where no server can be installed; it is not KurrentDB, and what it gets wrong only a server can tell.
 */
export class KurrentStandIn {
  private readonly all: Recorded[] = [];
  private readonly streams = new Map<string, Recorded[]>();
  private readonly appended = new EventEmitter().setMaxListeners(0);
  private nextError: { readonly error: Error; readonly stored: boolean } | undefined;

  /** The next append fails with an error of this type (ErrorType of the client), after or before it was stored. */
  failNext(type: string, stored: boolean): void {
    this.nextError = { error: errorOf(type), stored };
  }

  /** As somebody who may write to the database: an edit that leaves no trace but the hash. */
  tamper(stream: string, revision: number, data: Recorded['data']): void {
    const event = this.streams.get(stream)?.[revision];
    if (event !== undefined) event.data = data;
  }

  connect(): KurrentClient {
    return {
      appendRecords: async (records, checks) => this.append(records, checks ?? []),
      readStream: (stream, options) => this.readStream(stream, options),
      readAll: ({ fromPosition, filter, maxCount }) => this.readAll(fromPosition, 'prefixes' in filter ? filter.prefixes : [], maxCount),
      subscribeToStream: (stream) => this.subscribe(stream),
      dispose: async () => undefined,
    };
  }

  private async append(records: readonly AppendRecordInput[], checks: readonly ConsistencyCheck[]) {
    const failure = this.nextError;
    this.nextError = undefined;
    if (failure?.stored === false) throw failure.error;
    for (const { streamName, expectedState } of checks) {
      const length = this.streams.get(streamName)?.length ?? 0;
      const actual = length === 0 ? 'no_stream' : BigInt(length - 1);
      if (expectedState !== actual) throw errorOf('append-consistency-violation');
    }
    const touched = new Set(records.map(({ streamName, record }) => this.add(streamName, record)));
    this.appended.emit('appended');
    if (failure !== undefined) throw failure.error;
    const responses = [...touched].map((streamName) => ({ streamName, revision: BigInt((this.streams.get(streamName)?.length ?? 0) - 1) }));
    return { position: this.all.at(-1)?.position.commit ?? 0n, responses };
  }

  private add(streamId: string, { id, type, data, metadata }: AppendRecordInput['record']): string {
    if (Object.values(metadata ?? {}).some((value) => typeof value !== 'string')) throw new TypeError('appendRecords takes texts in metadata only');
    const stream = this.streams.get(streamId) ?? [];
    this.streams.set(streamId, stream);
    const at = BigInt(this.all.length) * RECORD_BYTES;
    const position = { commit: at, prepare: at };
    const copied = JSON.parse(JSON.stringify({ data, metadata })) as Pick<Recorded, 'data' | 'metadata'>;
    const event: Recorded = { streamId, id, type, isJson: true, revision: BigInt(stream.length), created: new Date(0), position, ...copied };
    stream.push(event);
    this.all.push(event);
    return streamId;
  }

  private async *readStream(name: string, options: Parameters<KurrentClient['readStream']>[1]): AsyncGenerator<ResolvedEvent> {
    const stream = this.streams.get(name);
    if (stream === undefined) throw errorOf('stream-not-found');
    const { fromRevision, direction, maxCount } = options;
    const first = fromRevision === 'start' ? 0 : fromRevision === 'end' ? stream.length - 1 : Number(fromRevision);
    const events = direction === 'forwards' ? stream.slice(first, first + maxCount) : stream.slice(0, first + 1).reverse().slice(0, maxCount);
    for (const event of events) yield { event };
  }

  private async *readAll(from: Position | 'start' | 'end', prefixes: readonly string[], maxCount: number): AsyncGenerator<AllStreamResolvedEvent> {
    const first = typeof from === 'object' ? Number(from.commit / RECORD_BYTES) : 0;
    const end = this.all.length;
    let count = 0;
    for (let at = first; at < end && count < maxCount; at += 1) {
      const event = this.all[at];
      if (event === undefined || !prefixes.some((prefix) => event.streamId.startsWith(prefix))) continue;
      count += 1;
      yield { event };
    }
  }

  private subscribe(name: string): KurrentSubscription {
    const ended = new AbortController();
    const events = this.events(name, ended.signal);
    return { [Symbol.asyncIterator]: () => events, unsubscribe: async () => ended.abort() };
  }

  private async *events(name: string, signal: AbortSignal): AsyncGenerator<ResolvedEvent> {
    let seen = this.streams.get(name)?.length ?? 0;
    try {
      for (const appends = on(this.appended, 'appended', { signal }); (await appends.next()).done !== true; ) {
        const fresh = this.streams.get(name)?.slice(seen) ?? [];
        seen += fresh.length;
        for (const event of fresh) yield { event };
      }
    } catch {
      // Ended by its reader.
    }
  }
}

function errorOf(type: string): Error {
  return Object.assign(new Error(type), { type });
}
