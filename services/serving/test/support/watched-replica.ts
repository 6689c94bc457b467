import type { InferenceOptions, InferenceResult, Replica } from '../../src/replica/replica.js';
import type { Tensor } from '../../src/tensor/tensor.js';

/** A replica whose runs can be seen, and held back until they may begin. */
export class WatchedReplica implements Replica {
  readonly runs: { readonly versionId: string; readonly rows: number }[] = [];
  private opened = Promise.resolve();
  private open: () => void = () => undefined;

  constructor(private readonly replica: Replica) {}

  get id() {
    return this.replica.id;
  }

  get pending() {
    return this.replica.pending;
  }

  get lost() {
    return this.replica.lost;
  }

  hold(): void {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }

  release(): void {
    this.open();
  }

  async infer(versionId: string, inputs: readonly Tensor[], options?: InferenceOptions): Promise<InferenceResult> {
    this.runs.push({ versionId, rows: inputs[0]?.shape[0] ?? 0 });
    await this.opened;
    return this.replica.infer(versionId, inputs, options);
  }

  load = (versionId: string, path: string, expected?: string) => this.replica.load(versionId, path, expected);
  withdraw = (versionIds: readonly string[]) => this.replica.withdraw(versionIds);
  unload = (versionId: string) => this.replica.unload(versionId);
  idle = () => this.replica.idle();
  close = () => this.replica.close();
}
