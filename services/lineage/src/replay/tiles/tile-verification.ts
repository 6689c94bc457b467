import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { EVENT_STORE } from '@cairn/service';
import { openCheckpoint, type LogEntry } from '@cairn/transparency';
import { Inject, Injectable } from '@nestjs/common';
import { LogLeader } from '../../transparency/integrator/log-leader.js';
import { TreeStore } from '../../transparency/tree/tree-store.js';
import { verifyTiles, type TileVerdict } from './verify-tiles.js';

/** Hashed in one go, about 10 µs each: the thread is free again after some milliseconds. */
const BATCH = 256;

/** Compares the stored tiles with the whole log. Whoever asks while it runs gets the same answer. */
@Injectable()
export class TileVerification {
  private running: Promise<TileVerdict> | undefined;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(TreeStore) private readonly tree: TreeStore,
    @Inject(LogLeader) private readonly leader: LogLeader,
  ) {}

  /** Throws NOTHING_SIGNED while there is no checkpoint. */
  verify(): Promise<TileVerdict> {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async run(): Promise<TileVerdict> {
    const signed = await this.leader.signed();
    if (signed === undefined) throw new DomainError('NOTHING_SIGNED', 'No checkpoint was signed yet: there is nothing to compare the tiles with.', 'unmet');
    const checkpoint = openCheckpoint(signed.note, this.leader.key.verifiers);
    return verifyTiles(this.entries(checkpoint.size), checkpoint, this.tree);
  }

  private async *entries(size: bigint): AsyncGenerator<readonly LogEntry[]> {
    for (let next = 0n; next < size; ) {
      const page = await this.store.readRecords(next, { limit: BATCH });
      if (page.events.length === 0) return;
      yield page.events;
      next = page.next;
    }
  }
}
