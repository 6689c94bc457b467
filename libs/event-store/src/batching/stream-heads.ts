import { LRUCache } from 'lru-cache';

const REMEMBERED_STREAMS = 50_000;

/**
 * The last revision of the streams that this process wrote or read lately. It may lag behind the truth, when another process appends, but is never
 * ahead of it: a plan made from it either fits or is refused by the store's own check of the revision.
 */
export class StreamHeads {
  private readonly known = new LRUCache<string, bigint>({ max: REMEMBERED_STREAMS });

  get(stream: string): bigint | undefined {
    return this.known.get(stream);
  }

  /** The store says so now: also right when it says less than we remember, because it was restored. */
  correct(stream: string, revision: bigint): void {
    this.known.set(stream, revision);
  }

  /** Somebody saw this revision. */
  atLeast(stream: string, revision: bigint): void {
    const known = this.known.peek(stream);
    if (known === undefined || known < revision) this.known.set(stream, revision);
  }

  learn(heads: ReadonlyMap<string, bigint>): void {
    for (const [stream, revision] of heads) this.correct(stream, revision);
  }
}
