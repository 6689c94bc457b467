import { consistencyProofFrom, openCheckpoint, rootFrom, sameHash, signCheckpoint, verifyConsistency, type Checkpoint, type TileSource } from '@cairn/transparency';
import { readText, replaceText } from '@cairn/durable-file';
import type { LogKey } from './log-key.js';
import { SigningRefused } from './refusal.js';

export interface SignedCheckpoint extends Checkpoint {
  readonly note: string;
}

/**
 * Signs, and remembers outside the database what it signed: whoever can rewrite the database can't make it forget. A checkpoint is on disk before
 * anybody hears of it.
 */
export class CheckpointSigner {
  private constructor(
    private readonly key: LogKey,
    private readonly path: string,
    private last: SignedCheckpoint | undefined,
  ) {}

  /**
   * `published` is what this process itself made public and remembers in another file: where that is later, the signer's own file was lost or is old.
   * Throws TransparencyError when the remembered checkpoint was not signed by a key of this log.
   */
  static async open(key: LogKey, path: string, published?: string): Promise<CheckpointSigner> {
    const notes = [await readText(path), published].filter((note) => note !== undefined);
    const [last] = notes.map((note) => openSigned(key, note)).sort((one, other) => (one.size >= other.size ? -1 : 1));
    return new CheckpointSigner(key, path, last);
  }

  get signed(): SignedCheckpoint | undefined {
    return this.last;
  }

  /** Takes over what another process published, where this one has signed nothing or less. */
  async adopt(note: string, tiles: TileSource): Promise<void> {
    const published = openSigned(this.key, note);
    if (this.last !== undefined && this.last.size >= published.size) return;
    if (this.last !== undefined) await this.demandContinuation(this.last, published, tiles);
    await this.remember(published);
  }

  /**
   * Signs the tree of `size` leaves once it has proved that the last signed one is its beginning. Answers undefined when nothing grew.
   * Throws SigningRefused when the log is not what was signed.
   */
  async sign(size: bigint, tiles: TileSource): Promise<SignedCheckpoint | undefined> {
    const { last } = this;
    if (last !== undefined && size < last.size) {
      throw new SigningRefused('LOG_SHORTER', `The log has ${size} events, but ${last.size} were signed: it was rolled back or cut.`, size);
    }
    if (size === (last?.size ?? 0n)) {
      // Nothing to sign, but the signed tree must still be there.
      if (last !== undefined && !sameHash(await rootFrom(tiles, size), last.root)) throw rewritten(last);
      return undefined;
    }
    const next: Checkpoint = { origin: this.key.signer.name, size, root: await rootFrom(tiles, size) };
    if (last !== undefined) await this.demandContinuation(last, next, tiles);
    const signed = { ...next, note: signCheckpoint(next, this.key.signer, ...this.key.cosigners) };
    await this.remember(signed);
    return signed;
  }

  private async demandContinuation(from: Checkpoint, to: Checkpoint, tiles: TileSource): Promise<void> {
    const proof = await consistencyProofFrom(tiles, from.size, to.size);
    if (!verifyConsistency({ from: from.size, fromRoot: from.root, to: to.size, toRoot: to.root, proof })) throw rewritten(from);
  }

  private async remember(signed: SignedCheckpoint): Promise<void> {
    await replaceText(this.path, signed.note, 0o644);
    this.last = signed;
  }
}

function openSigned(key: LogKey, note: string): SignedCheckpoint {
  return { ...openCheckpoint(note, key.verifiers), note };
}

function rewritten({ size }: Checkpoint): SigningRefused {
  return new SigningRefused('LOG_REWRITTEN', `The tree over the log is no continuation of the one that was signed at ${size} events.`);
}
