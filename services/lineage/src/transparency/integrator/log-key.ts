import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { generateKey, parseSigner, parseVerifier, type NoteSigner, type NoteVerifier } from '@cairn/transparency';
import { readText, replaceText } from '@cairn/durable-file';

/** The key that speaks for the log, and others of the same name while it is being changed. The name is the log's origin. */
export interface LogKey {
  readonly signer: NoteSigner;
  /** Sign too, for verifiers that know only them: the next key, or the one before. */
  readonly cosigners: readonly NoteSigner[];
  readonly verifier: NoteVerifier;
  /** Of all keys, also of those that sign no more: what they signed is still the log's. */
  readonly verifiers: readonly NoteVerifier[];
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
 * Reads the key, or makes one at the first start. The file has one key a line: the first one signs, further signing keys sign too, and verifier keys are
 * those of keys that signed before. All have one name. A file that others can read is refused: whoever has the key can sign another history.
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
  const key = keyOf(stored);
  if (origin !== undefined && key.signer.name !== origin) {
    throw new Error(`The key of the transparency log is of ${key.signer.name}, but the log is to be called ${origin}. A log keeps its name.`);
  }
  return key;
}

function keyOf(text: string): LogKey {
  const [first = '', ...others] = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const signer = parseSigner(first);
  const cosigners = others.filter(signs).map((line) => parseSigner(line));
  const verifierKeys = [signer, ...cosigners].map(({ verifierKey }) => verifierKey).concat(others.filter((line) => !signs(line)));
  const verifiers = verifierKeys.map((key) => parseVerifier(key));
  const stranger = verifiers.find(({ name }) => name !== signer.name);
  if (stranger !== undefined) throw new Error(`The key file of the transparency log holds keys of ${signer.name} and of ${stranger.name}. A log keeps its name.`);
  return { signer, cosigners, verifier: parseVerifier(signer.verifierKey), verifiers, verifierKey: signer.verifierKey };
}

function signs(line: string): boolean {
  return line.startsWith('PRIVATE+');
}
