import { TransparencyError } from './errors.js';

/** Signs notes. `type` is the byte of C2SP signed-note that names the algorithm, e.g. 0x01 for Ed25519. */
export interface NoteSigner {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  readonly type: number;
  sign(text: Uint8Array): Uint8Array;
}

export interface NoteVerifier {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  readonly type: number;
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface OpenedNote {
  /** Ends in a newline. */
  readonly text: string;
  /** Of openNote: those that verified. */
  readonly signatures: readonly NoteSignature[];
}

const KEY_ID_BYTES = 4;
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/u;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
// The format lets a verifier cap them; it must take at least 16.
const MAX_SIGNATURES = 100;

/** A signed note of C2SP: text, an empty line, a line per signature. Throws MALFORMED for text that can't be a note. */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  if (!isNoteText(text)) {
    throw new TransparencyError('MALFORMED', 'The text of a note ends in a newline and has no other control characters.');
  }
  const bytes = Buffer.from(text, 'utf8');
  return `${text}\n${formatSignatures(signers.map((signer) => ({ name: signer.name, keyId: signer.keyId, signature: signer.sign(bytes) })))}`;
}

/** A line per signature, each ending in a newline: what stands behind the empty line of a note, and what a witness answers. */
export function formatSignatures(signatures: readonly NoteSignature[]): string {
  return signatures.map(({ name, keyId, signature }) => `— ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`).join('');
}

/** The same note with more signatures; one of a key that signed it already takes the place of the older one. Throws MALFORMED. */
export function addSignatures(note: string, added: readonly NoteSignature[]): string {
  const { text, signatures } = parseNote(note);
  const kept = signatures.filter((signature) => !added.some((other) => sameKey(signature, other)));
  return `${text}\n${formatSignatures([...kept, ...added])}`;
}

/**
 * Checks a note against known keys. Signatures of unknown keys are ignored; one of a known key that does not verify condemns the note.
 * Throws MALFORMED, or UNTRUSTED when no known key signed it.
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): OpenedNote {
  const { text, signatures } = parseNote(note);
  const bytes = Buffer.from(text, 'utf8');
  const verified = new Map<NoteVerifier, NoteSignature>();
  for (const signature of signatures) {
    const verifier = verifiers.find((known) => sameKey(known, signature));
    if (verifier === undefined) continue;
    if (!verifier.verify(bytes, signature.signature)) {
      throw new TransparencyError('UNTRUSTED', `The signature of ${signature.name} does not verify.`);
    }
    verified.set(verifier, signature);
  }
  if (verified.size === 0) throw new TransparencyError('UNTRUSTED', 'The note has no signature of a known key.');
  return { text, signatures: [...verified.values()] };
}

/** Key names go into lines that spaces separate, and into keys that plus signs separate. */
export function isKeyName(name: string): boolean {
  return name !== '' && !/[\s+\p{Zs}\p{Cc}]/u.test(name);
}

/** Base64 in its one canonical form; undefined for anything else. */
export function decodeBase64(text: string): Buffer | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** Text and signature lines, none of them checked: openNote says which signatures are good. Throws MALFORMED. */
export function parseNote(note: string): OpenedNote {
  // The last empty line separates: text may hold empty lines itself.
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2).split('\n');
  if (end < 0 || !isNoteText(text) || lines.pop() !== '' || lines.length === 0 || lines.length > MAX_SIGNATURES) {
    throw new TransparencyError('MALFORMED', 'A note is text, an empty line, and a line per signature.');
  }
  return { text, signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = decodeBase64(base64 ?? '');
  if (name === undefined || bytes === undefined || !isKeyName(name) || bytes.length <= KEY_ID_BYTES) {
    throw new TransparencyError('MALFORMED', 'A signature line is a dash, the name of the key, and base64 of key id and signature.');
  }
  return { name, keyId: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

function sameKey(left: { name: string; keyId: Uint8Array }, right: { name: string; keyId: Uint8Array }): boolean {
  return left.name === right.name && Buffer.compare(left.keyId, right.keyId) === 0;
}

function isNoteText(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- the format forbids exactly these
  return text.endsWith('\n') && Buffer.from(text, 'utf8').toString('utf8') === text && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}
