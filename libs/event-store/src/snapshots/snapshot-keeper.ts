import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Snapshotting } from '@cairn/kernel';
import { readSnapshot, writeSnapshot, type KeptState } from './snapshot.js';
import type { SnapshotStore } from './snapshot-store.js';

/** Writing one takes a few milliseconds of this process; those that find no room come again when their stream is loaded next. */
const SAVED_AT_ONCE = 2;
/** Of a very long stream a new one is kept after this share of it: the marks alone would otherwise be more to write than the events. */
const SHARE_OF_STREAM = 1 / 32;

export interface SnapshotOptions {
  readonly store: SnapshotStore;
  /** Told of what could not be found or saved; the command goes on without. */
  readonly onFailure?: (error: unknown) => void;
}

/** Finds and saves snapshots such that no command fails for it or waits for a save. */
export class SnapshotKeeper {
  private readonly saving = new Set<string>();

  constructor(private readonly options: SnapshotOptions) {}

  async find<State>(stream: string, rule: Snapshotting<State>): Promise<KeptState<State> | undefined> {
    try {
      const snapshot = await this.options.store.find(stream, rule.version);
      return snapshot === undefined ? undefined : readSnapshot(stream, rule, snapshot);
    } catch (error) {
      this.options.onFailure?.(error);
      return undefined;
    }
  }

  /** Whether a stream has grown enough since `keptRevision` (-1n: never kept). */
  isDue({ everyEvents }: Pick<Snapshotting<never>, 'everyEvents'>, revision: bigint, keptRevision: bigint): boolean {
    const grown = Number(revision - keptRevision);
    return grown >= Math.max(everyEvents, Number(revision) * SHARE_OF_STREAM);
  }

  /** Begins to save and returns at once; false when there is no room now. A save that fails is not repeated before the next one is due. */
  keep<State>(stream: string, rule: Snapshotting<State>, kept: KeptState<State>): boolean {
    if (this.saving.has(stream)) return true;
    if (this.saving.size >= SAVED_AT_ONCE) return false;
    this.saving.add(stream);
    void this.save(stream, rule, kept);
    return true;
  }

  private async save<State>(stream: string, rule: Snapshotting<State>, kept: KeptState<State>): Promise<void> {
    try {
      await nextTurn();
      const snapshot = writeSnapshot(stream, rule, kept);
      if (snapshot !== undefined) await this.options.store.save(snapshot);
    } catch (error) {
      this.options.onFailure?.(error);
    } finally {
      this.saving.delete(stream);
    }
  }
}
