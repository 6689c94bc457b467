import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { TransparencyError } from './errors.js';
import { formatHashLines, parseHashLines } from './hash-lines.js';
import { hashLeaf } from './hash.js';
import { decodeBase64, openNote, type NoteVerifier } from './note.js';
import { checkPolicy, type Cosigner, type Policy } from './policy.js';
import { verifyInclusion } from './verify.js';

/** A proof that an entry is in a log (C2SP tlog-proof): all that is needed to check it, but for the keys that one trusts. */
export interface Receipt {
  readonly index: bigint;
  /** From the leaf upwards. */
  readonly proof: readonly Uint8Array[];
  /** The signed note, with whatever cosignatures it has. */
  readonly checkpoint: string;
  /** Covered by no signature: never to be trusted. */
  readonly extra?: Uint8Array;
}

export interface ReceiptEvidence {
  /** The entry itself; a string is taken as its UTF-8 bytes. */
  readonly entry: Uint8Array | string;
  /** Keys of the logs that are trusted, where the policy names none. */
  readonly logs?: readonly NoteVerifier[];
  readonly policy?: Policy;
}

export interface VerifiedReceipt {
  readonly index: bigint;
  readonly checkpoint: Checkpoint;
  /** Of the policy's witnesses, those that cosigned the checkpoint. */
  readonly cosigners: readonly Cosigner[];
}

const HEADER = 'c2sp.org/tlog-proof@v1';

export function formatReceipt({ index, proof, checkpoint, extra }: Receipt): string {
  const extraLine = extra === undefined ? '' : `extra ${Buffer.from(extra).toString('base64')}\n`;
  return `${HEADER}\n${extraLine}index ${index}\n${formatHashLines(proof)}\n${checkpoint}`;
}

/** Inverse of formatReceipt; checks the form alone. Throws MALFORMED. */
export function parseReceipt(text: string): Receipt {
  const end = text.indexOf('\n\n');
  const [header, ...lines] = text.slice(0, Math.max(end, 0)).split('\n');
  const extra = lines[0]?.startsWith('extra ') ? decodeBase64(lines.shift()?.slice('extra '.length) ?? '') : 'none';
  const [, index] = /^index (0|[1-9]\d{0,19})$/.exec(lines.shift() ?? '') ?? [];
  const proof = parseHashLines(lines);
  if (end < 0 || header !== HEADER || extra === undefined || index === undefined || proof === undefined) {
    throw new TransparencyError('MALFORMED', `A receipt is ${HEADER}, an index, at most 63 lines of proof, an empty line and a checkpoint.`);
  }
  return { index: BigInt(index), proof, checkpoint: text.slice(end + 2), ...(extra !== 'none' && { extra }) };
}

/**
 * Checks a receipt with no network: that a trusted log signed its checkpoint, that the policy's quorum cosigned it, and that the entry is in the tree.
 * Throws MALFORMED, UNTRUSTED, NO_QUORUM or NOT_INCLUDED.
 */
export function verifyReceipt(text: string, { entry, logs = [], policy }: ReceiptEvidence): VerifiedReceipt {
  const receipt = parseReceipt(text);
  const { checkpoint, cosigners } = openTrusted(receipt.checkpoint, logs, policy);
  const { index, proof } = receipt;
  if (!verifyInclusion({ leaf: hashLeaf(entry), index, size: checkpoint.size, root: checkpoint.root, proof })) {
    throw new TransparencyError('NOT_INCLUDED', `The receipt does not prove that this entry is entry ${index} of ${checkpoint.origin}.`);
  }
  return { index, checkpoint, cosigners };
}

function openTrusted(note: string, logs: readonly NoteVerifier[], policy: Policy | undefined): { checkpoint: Checkpoint; cosigners: readonly Cosigner[] } {
  if (policy === undefined) {
    const { text, signatures } = openNote(note, logs);
    const checkpoint = parseCheckpoint(text);
    if (!signatures.some(({ name }) => name === checkpoint.origin)) {
      throw new TransparencyError('UNTRUSTED', `No key of ${checkpoint.origin} signed the checkpoint.`);
    }
    return { checkpoint, cosigners: [] };
  }
  const { checkpoint, cosigners, quorumMet } = checkPolicy(note, policy, logs);
  if (!quorumMet) {
    const names = cosigners.map(({ name }) => name).join(', ');
    throw new TransparencyError('NO_QUORUM', `The checkpoint lacks the quorum of the policy; it was cosigned by ${names === '' ? 'none of its witnesses' : names}.`);
  }
  return { checkpoint, cosigners };
}
