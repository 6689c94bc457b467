import {
  formatWitnessRequest,
  generateKey,
  hashLeaf,
  MerkleTree,
  parseSigner,
  parseVerifier,
  signCheckpoint,
  type NoteSigner,
  type NoteVerifier,
} from '@cairn/transparency';

/** A log in memory, and what a log that lies can do: sign another tree under the same key. */
export class SampleLog {
  readonly signer: NoteSigner;
  readonly verifier: NoteVerifier;
  private readonly tree = new MerkleTree();

  constructor(
    readonly origin: string,
    readonly keys = generateKey(origin),
    entries: readonly string[] = [],
  ) {
    this.signer = parseSigner(keys.signingKey);
    this.verifier = parseVerifier(keys.verifierKey);
    this.append(...entries);
  }

  append(...entries: readonly string[]): void {
    this.tree.append(...entries.map((entry) => hashLeaf(entry)));
  }

  checkpoint(size: number, signer = this.signer): string {
    return signCheckpoint({ origin: this.origin, size: BigInt(size), root: this.tree.root(BigInt(size)) }, signer);
  }

  /** Body of `add-checkpoint`, with an honest proof between the two sizes. */
  request(from: number, to: number): string {
    const proof = from <= to ? this.tree.consistencyProof(BigInt(from), BigInt(to)) : [];
    return formatWitnessRequest({ oldSize: BigInt(from), proof, checkpoint: this.checkpoint(to) });
  }
}

/** Two histories of one log: the same entries up to `shared`, others behind. */
export function forkedLog(origin: string, shared: number, length: number): { readonly one: SampleLog; readonly other: SampleLog } {
  const entries = (branch: string): string[] => Array.from({ length }, (_, at) => (at < shared ? `entry ${at}` : `${branch} ${at}`));
  const one = new SampleLog(origin, generateKey(origin), entries('one'));
  return { one, other: new SampleLog(origin, one.keys, entries('other')) };
}
