import type { PrefixesFilter } from '@kurrent/kurrentdb-client';

/**
 * What the streams of one log are called in KurrentDB, so that a database can hold other things beside it: `<namespace>:<stream>` for the log's own streams,
 * `<namespace>!…` for the store's. A stream filter by prefix finds the events without the store's records.
 */
export class StreamNames {
  /** One record for each append, which says how many events the log holds after it. */
  readonly log: string;
  readonly filter: PrefixesFilter;
  private readonly prefix: string;

  constructor(private readonly namespace: string) {
    if (!/^[a-z][a-z0-9-]*$/.test(namespace)) throw new RangeError('A namespace has small letters, digits and hyphens, and begins with a letter.');
    this.log = `${namespace}!log`;
    this.prefix = `${namespace}:`;
    this.filter = { filterOn: 'streamName', prefixes: [this.prefix], checkpointInterval: 32 };
  }

  outer(stream: string): string {
    return `${this.prefix}${stream}`;
  }

  inner(outer: string): string {
    return outer.slice(this.prefix.length);
  }

  claimOf(eventId: string): string {
    return `${this.namespace}!id-${eventId}`;
  }
}
