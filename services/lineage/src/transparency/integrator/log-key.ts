import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { generateKey, parseSigner, parseVerifier, type NoteSigner, type NoteVerifier } from '@cairn/transparency';
import { readText, replaceText } from './durable-file.js';

/** The key that speaks for the log. Its name is the log's origin. */
export interface LogKey {
  readonly signer: NoteSigner;
  readonly verifier: NoteVerifier;
  /** `<origin>+<key id>+<base64>`: what verifiers must know. */
  readonly verifierKey: string;
}

export interface LogKeyOptions {
  readonly path: string;
  /** Given by the operator: a missing file is an error, not a reason for a new key. */
  readonly mustExist: boolean;
  /** For a new key; a stored one must agree. Without it a new log gets a name of its own. */
  readonly origin?: string;
}

/**
 * Reads the key, or makes one at the first start. A file that others can read is refused: whoever has the key can sign another history.
 */
export async function openLogKey({ path, mustExist, origin }: LogKeyOptions): Promise<LogKey> {
  const stored = await readText(path);
  if (stored === undefined && mustExist) throw new Error(`The key file of the transparency log is missing: ${path}.`);
  if (stored === undefined) {
    const { signingKey } = generateKey(origin ?? `cairn.local/${randomBytes(4).toString('hex')}`);
    await replaceText(path, `${signingKey}\n`, 0o600);
    return keyOf(signingKey);
  }
  if (((await stat(path)).mode & 0o077) !== 0) throw new Error(`The key file of the transparency log can be read by others: chmod 600 ${path}.`);
  const key = keyOf(stored.trim());
  if (origin !== undefined && key.signer.name !== origin) {
    throw new Error(`The key of the transparency log is of ${key.signer.name}, but the log is to be called ${origin}. A log keeps its name.`);
  }
  return key;
}

function keyOf(signingKey: string): LogKey {
  const signer = parseSigner(signingKey);
  return { signer, verifier: parseVerifier(signer.verifierKey), verifierKey: signer.verifierKey };
}
