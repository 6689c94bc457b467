import type { EventStore, StoredRecord } from '@cairn/event-store';
import { hashAt, hashLeaf, rightmostTiles, sameHash, TILE_WIDTH, TileWriter, type Tile } from '@cairn/transparency';
import { setTimeout as pause } from 'node:timers/promises';
import type { TreeStore } from '../tree/tree-store.js';
import type { CheckpointPublisher } from '../publishing/checkpoint-publisher.js';
import { Bell } from './bell.js';
import type { CheckpointSigner } from './checkpoint-signer.js';
import { SigningRefused } from './refusal.js';

export interface LogIntegratorOptions {
  readonly store: EventStore;
  readonly tree: TreeStore;
  readonly signer: CheckpointSigner;
  readonly publisher: CheckpointPublisher;
  /** At most one checkpoint in this time; an idle log's next event is signed at once. */
  readonly signIntervalMs: number;
  /** The log was compared with the tree and the last checkpoint, and is what they say. */
  readonly onSound?: () => void;
}

/** Events hashed between two awaits: a few milliseconds. */
const BATCH = 500;
/** How often an idle log is asked whether it still is as long as it was. */
const LENGTH_CHECK_MS = 5_000;
/** How soon a signed checkpoint that is not public yet is offered again, where the log does not grow meanwhile. */
const PUBLISH_AGAIN_MS = 1_000;

/**
 * Copies the log's hashes into the tree and has the tree signed. One process does this at a time; should there be two, the tree moves for one
 * of them alone, and both would write the same.
 */
export class LogIntegrator {
  private writer = new TileWriter();
  private readonly grown = new Bell();
  private isPublic = true;

  constructor(private readonly options: LogIntegratorOptions) {}

  /** Runs until `signal` aborts. Throws SigningRefused when the log is not what was hashed or signed before. */
  async run(signal: AbortSignal): Promise<void> {
    await this.resume(signal);
    this.options.onSound?.();
    const ended = new AbortController();
    const running = AbortSignal.any([signal, ended.signal]);
    // Whichever ends first, by an error or by the signal, ends the other; the error is the first one's.
    const tasks = [this.follow(running), this.signAsItGrows(running)];
    try {
      await Promise.race(tasks);
    } finally {
      ended.abort();
      await Promise.allSettled(tasks);
    }
  }

  /** Takes up the stored tree, and checks that the log still is what the tree was made of, as far as the newest tile tells. */
  private async resume(signal: AbortSignal): Promise<void> {
    const { tree, signer, publisher } = this.options;
    const { treeSize, published } = await tree.head();
    const ids = rightmostTiles(treeSize);
    const hashes = await tree.tiles(ids);
    this.writer = TileWriter.resume(treeSize, ids.flatMap((id, at): Tile[] => (hashes[at] === undefined ? [] : [{ ...id, hashes: hashes[at] }])));
    if (published !== undefined && published.size <= treeSize) await signer.adopt(published.note, tree);
    await this.demandLength();
    await this.compareNewest();
    await this.sign(signal);
    await publisher.restore();
  }

  private async follow(signal: AbortSignal): Promise<void> {
    for await (const { events } of this.options.store.followRecords(this.writer.size, { limit: BATCH, signal })) {
      const from = this.writer.size;
      for (const record of events) this.writer.append(leafOf(record, this.writer.size));
      if (!(await this.options.tree.grow(from, this.writer.size, this.writer.takeTiles()))) {
        throw new Error('Another process moved the tree.');
      }
      this.grown.ring();
    }
  }

  private async signAsItGrows(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const hasGrown = await this.grown.wait(this.isPublic ? LENGTH_CHECK_MS : PUBLISH_AGAIN_MS, signal);
      if (signal.aborted) return;
      if (!hasGrown) await this.demandLength();
      if (hasGrown || !this.isPublic) await this.sign(signal);
      if (hasGrown) await pause(this.options.signIntervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async sign(signal: AbortSignal): Promise<void> {
    const { tree, signer, publisher } = this.options;
    const { treeSize } = await tree.head();
    // The tree may be younger than what was signed, when its tiles were lost: it grows from the log first, and is compared then.
    if (treeSize < (signer.signed?.size ?? 0n)) return;
    await signer.sign(treeSize, tree);
    if (signer.signed !== undefined) this.isPublic = await publisher.publish(signer.signed, signal);
  }

  private async demandLength(): Promise<void> {
    const size = await this.options.store.size();
    const signedSize = this.options.signer.signed?.size ?? 0n;
    if (size < signedSize) {
      throw new SigningRefused('LOG_SHORTER', `The log has ${size} events, but ${signedSize} were signed: it was rolled back or cut.`, size);
    }
    if (size < this.writer.size) {
      throw new SigningRefused('LOG_SHORTER', `The log has ${size} events, but ${this.writer.size} were hashed: it was rolled back or cut.`, size);
    }
  }

  /** A log that was cut and grew again differs here; what was changed further back is for verification to find. */
  private async compareNewest(): Promise<void> {
    const { store, tree } = this.options;
    const treeSize = this.writer.size;
    if (treeSize === 0n) return;
    const index = (treeSize - 1n) / BigInt(TILE_WIDTH);
    const from = index * BigInt(TILE_WIDTH);
    const width = Number(treeSize - from);
    const [hashes] = await tree.tiles([{ level: 0, index, width }]);
    const { events } = await store.readRecords(from, { limit: width });
    for (const [at, record] of events.entries()) {
      if (hashes !== undefined && sameHash(leafOf(record, from + BigInt(at)), hashAt(hashes, at))) continue;
      throw new SigningRefused('RECORD_CHANGED', `The event at position ${record.position} is not the one that was hashed.`, record.position);
    }
  }
}

function leafOf(record: StoredRecord, expected: bigint): Uint8Array {
  const leaf = hashLeaf(record.body);
  if (record.position !== expected || !sameHash(leaf, record.leaf)) {
    throw new SigningRefused('RECORD_CHANGED', `The event at position ${expected} is not the one that was stored.`, expected);
  }
  return leaf;
}
