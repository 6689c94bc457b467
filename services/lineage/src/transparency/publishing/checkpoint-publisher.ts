import type { SignedCheckpoint } from '../integrator/checkpoint-signer.js';
import type { PublishedCheckpoint } from '../tree/tree-store.js';

/** Makes signed checkpoints public: at once, or when enough witnesses have cosigned. */
export interface CheckpointPublisher {
  /** The last one that this process made public, as far as it remembers outside the database. */
  readonly published: PublishedCheckpoint | undefined;
  /** Puts the last one back where the database has lost it. */
  restore(): Promise<void>;
  /**
   * True when the checkpoint is public, false when it must not be yet: then it is to be called again, with this one or a later one. Public already is
   * true too. Needs the tiles of the tree that was signed. `signal` ends the waiting for others. Rejects only when the database or the disk fails.
   */
  publish(signed: SignedCheckpoint, signal: AbortSignal): Promise<boolean>;
}
