import { addSignatures, checkPolicy, isQuorum, openCheckpoint, type NoteSignature } from '@cairn/transparency';
import type { SignedCheckpoint } from '../integrator/checkpoint-signer.js';
import { readText, replaceText } from '@cairn/durable-file';
import type { LogKey } from '../integrator/log-key.js';
import type { PublishedCheckpoint, TreeStore } from '../tree/tree-store.js';
import type { CheckpointPublisher } from './checkpoint-publisher.js';
import type { LogPolicy } from './log-policy.js';
import { WitnessClient, type WitnessOutcome } from './witness-client.js';

/** How the last asking ended, for the operator. */
export interface WitnessReport {
  readonly quorumMet: boolean;
  /** Of the checkpoint that was asked about. */
  readonly size: bigint;
  /** By name, as in the policy. */
  readonly witnesses: ReadonlyMap<string, Pick<WitnessOutcome, 'state' | 'detail'>>;
}

export interface WitnessedPublisherOptions {
  readonly tree: TreeStore;
  readonly key: LogKey;
  readonly policy: LogPolicy;
  /** File that remembers the last published checkpoint, outside the database. */
  readonly path: string;
  /** For all witnesses together, which are asked at the same time. */
  readonly timeoutMs: number;
}

const GIVEN: WitnessOutcome = { state: 'cosigned' };

/** Makes a checkpoint public once the witnesses of the policy have cosigned it in sufficient number. */
export class WitnessedPublisher implements CheckpointPublisher {
  private readonly clients: readonly WitnessClient[];
  /** Cosignatures of a checkpoint that still lacks some, by witness: none is asked for twice. */
  private gathered: { readonly size: bigint; readonly signatures: Map<string, NoteSignature> } = { size: 0n, signatures: new Map() };
  private last: WitnessReport | undefined;

  private constructor(
    private readonly options: WitnessedPublisherOptions,
    private current: PublishedCheckpoint | undefined,
  ) {
    this.clients = options.policy.witnesses.map((witness) => new WitnessClient(witness));
  }

  /** Throws TransparencyError when the remembered checkpoint was not signed by a key of this log. */
  static async open(options: WitnessedPublisherOptions): Promise<WitnessedPublisher> {
    const note = await readText(options.path);
    const current = note === undefined ? undefined : { size: openCheckpoint(note, options.key.verifiers).size, note };
    return new WitnessedPublisher(options, current);
  }

  get published(): PublishedCheckpoint | undefined {
    return this.current;
  }

  /** Undefined until somebody was asked. */
  get report(): WitnessReport | undefined {
    return this.last;
  }

  async restore(): Promise<void> {
    if (this.current !== undefined) await this.options.tree.publish(this.current, 'replace');
  }

  async publish(signed: SignedCheckpoint, signal: AbortSignal): Promise<boolean> {
    if (this.current !== undefined && this.current.size >= signed.size && this.suffices(this.current.note)) return true;
    await this.ask(signed, signal);
    const note = addSignatures(signed.note, [...this.gathered.signatures.values()]);
    if (!this.suffices(note)) return false;
    const published = { size: signed.size, note };
    await replaceText(this.options.path, note, 0o644);
    this.current = published;
    await this.options.tree.publish(published, 'replace');
    return true;
  }

  private suffices(note: string): boolean {
    const { policy, key } = this.options;
    return checkPolicy(note, policy.policy, key.verifiers).quorumMet;
  }

  /** Asks every witness that is still missing, all at once, and waits no longer than the quorum needs. */
  private async ask(signed: SignedCheckpoint, signal: AbortSignal): Promise<void> {
    if (this.gathered.size !== signed.size) this.gathered = { size: signed.size, signatures: new Map() };
    const { signatures } = this.gathered;
    const { policy, tree, timeoutMs } = this.options;
    const isMet = (): boolean => isQuorum(policy.quorum, new Set(signatures.keys()));
    const witnesses = new Map<string, Pick<WitnessOutcome, 'state' | 'detail'>>(policy.witnesses.map(({ name }) => [name, { state: 'late' }]));
    const enough = new AbortController();
    if (isMet()) enough.abort();
    const waiting = AbortSignal.any([enough.signal, signal, AbortSignal.timeout(timeoutMs)]);
    await Promise.all(
      this.clients.map(async (client) => {
        const { name } = client.witness;
        const { signature, ...shown } = signatures.has(name) ? GIVEN : await client.cosign(signed, tree, waiting);
        witnesses.set(name, shown);
        if (signature !== undefined) signatures.set(name, signature);
        if (isMet()) enough.abort();
      }),
    );
    this.last = { quorumMet: isMet(), size: signed.size, witnesses };
  }
}
