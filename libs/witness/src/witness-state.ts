import { hash } from 'node:crypto';
import { join } from 'node:path';
import { cosignatureTime, emptyRoot, openNote, parseCheckpoint, TransparencyError, type NoteVerifier } from '@cairn/transparency';
import { readText, replaceText } from '@cairn/durable-file';
import { WitnessError } from './errors.js';

/** The last checkpoint of a log that this witness cosigned. */
export interface Remembered {
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Of the cosignature, POSIX seconds. */
  readonly timeS: bigint;
  /** The signed note with the log's signatures and the cosignature; absent before the first one. */
  readonly note?: string;
}

const NOTHING: Remembered = { size: 0n, root: emptyRoot, timeS: 0n };

/** Name of a log in paths: SHA-256 of its origin, in lowercase hexadecimal. */
export function originHash(origin: string): string {
  return hash('sha256', origin, 'hex');
}

/**
 * One file per log: the note that was cosigned last. It is read anew for every request, and must carry this witness's own cosignature: a file that
 * somebody changed, or put there from another witness, is no state to go on from.
 */
export class WitnessState {
  constructor(
    private readonly folder: string,
    private readonly witness: NoteVerifier,
  ) {}

  /** Throws STATE_DAMAGED. The log's signature was checked before it was written; its key may be another by now. */
  async read(origin: string): Promise<Remembered> {
    const note = await readText(this.path(origin));
    if (note === undefined) return NOTHING;
    try {
      const { text, signatures } = openNote(note, [this.witness]);
      const checkpoint = parseCheckpoint(text);
      if (checkpoint.origin !== origin) throw new TransparencyError('UNTRUSTED', `It is of ${checkpoint.origin}.`);
      const timeS = signatures.map(cosignatureTime).reduce((latest, one) => (one > latest ? one : latest), 0n);
      return { size: checkpoint.size, root: checkpoint.root, timeS, note };
    } catch (error) {
      if (!(error instanceof TransparencyError)) throw error;
      const problem = `What the witness remembers of ${origin} was changed, or is of another witness: ${this.path(origin)}. ${error.message}`;
      throw new WitnessError('STATE_DAMAGED', problem, { cause: error });
    }
  }

  /** On disk when it resolves. */
  async replace(origin: string, note: string): Promise<void> {
    await replaceText(this.path(origin), note, 0o644);
  }

  private path(origin: string): string {
    return join(this.folder, `${originHash(origin)}.checkpoint`);
  }
}
