import { TransparencyError } from './errors.js';
import { HASH_BYTES } from './hash.js';
import { decodeBase64, openNote, signNote, type NoteSigner, type NoteVerifier } from './note.js';

/** What a log commits to: this root over this many leaves (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Identity of the log; also the name of its key. */
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** Signed by the log's key, whose name is the origin. Throws MALFORMED when it is another's. */
export function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner, ...cosigners: readonly NoteSigner[]): string {
  if (signer.name !== checkpoint.origin) {
    throw new TransparencyError('MALFORMED', `The key of ${signer.name} does not sign for ${checkpoint.origin}.`);
  }
  return signNote(formatCheckpoint(checkpoint), [signer, ...cosigners]);
}

/**
 * The checkpoint of a note that the log signed; several verifiers are keys of one log, of which one suffices. Throws MALFORMED, or UNTRUSTED when no key of
 * the log signed it or it speaks for another log.
 */
export function openCheckpoint(note: string, log: NoteVerifier | readonly NoteVerifier[]): Checkpoint {
  const { text, signatures } = openNote(note, 'name' in log ? [log] : log);
  const checkpoint = parseCheckpoint(text);
  if (!signatures.some(({ name }) => name === checkpoint.origin)) {
    throw new TransparencyError('UNTRUSTED', `The checkpoint is of ${checkpoint.origin}, not of ${signatures.map(({ name }) => name).join(', ')}.`);
  }
  return checkpoint;
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/** Text of a checkpoint, unsigned; extension lines are passed over. Throws MALFORMED. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, base64, ...rest] = text.split('\n');
  const root = decodeBase64(base64 ?? '');
  const extensions = rest.slice(0, -1);
  if (!origin || size === undefined || !/^(0|[1-9]\d*)$/.test(size) || root?.length !== HASH_BYTES || rest.at(-1) !== '' || extensions.includes('')) {
    throw new TransparencyError('MALFORMED', 'A checkpoint is three lines: origin, size and root.');
  }
  return { origin, size: BigInt(size), root };
}
