import type {
  AllStreamResolvedEvent,
  AppendRecordInput,
  AppendRecordsResult,
  ConsistencyCheck,
  Filter,
  ReadPosition,
  ReadRevision,
  ResolvedEvent,
} from '@kurrent/kurrentdb-client';

/** A subscription, as far as it is used: new events as they come, until it is ended or fails. */
export interface KurrentSubscription extends AsyncIterable<ResolvedEvent> {
  unsubscribe(): Promise<void>;
}

/** The calls of KurrentDBClient that the store makes; it is one. `appendRecords` needs KurrentDB 26.1. */
export interface KurrentClient {
  appendRecords(records: AppendRecordInput[], checks?: ConsistencyCheck[]): Promise<AppendRecordsResult>;
  readStream(
    stream: string,
    options: { fromRevision: ReadRevision; direction: 'forwards' | 'backwards'; maxCount: number; requiresLeader?: boolean },
  ): AsyncIterable<ResolvedEvent>;
  readAll(options: { fromPosition: ReadPosition; filter: Filter; maxCount: number }): AsyncIterable<AllStreamResolvedEvent>;
  subscribeToStream(stream: string, options: { fromRevision: ReadRevision }): KurrentSubscription;
  dispose(): Promise<void>;
}
