import type { CheckpointSigner, SignedCheckpoint } from '../integrator/checkpoint-signer.js';
import type { PublishedCheckpoint, TreeStore } from '../tree/tree-store.js';
import type { CheckpointPublisher } from './checkpoint-publisher.js';

/** Without a policy, what is signed is public. */
export class DirectPublisher implements CheckpointPublisher {
  constructor(
    private readonly tree: TreeStore,
    private readonly signer: CheckpointSigner,
  ) {}

  get published(): PublishedCheckpoint | undefined {
    return this.signer.signed;
  }

  async restore(): Promise<void> {
    if (this.signer.signed !== undefined) await this.tree.publish(this.signer.signed);
  }

  async publish(signed: SignedCheckpoint): Promise<boolean> {
    await this.tree.publish(signed);
    return true;
  }
}
