import { stat } from 'node:fs/promises';
import { cosignatureAt, generateKey, parseSigner, parseVerifier, cosignature, TransparencyError, type NoteSigner, type NoteVerifier } from '@cairn/transparency';
import { readText, replaceText } from '@cairn/durable-file';
import { WitnessError } from './errors.js';

export interface WitnessKey {
  /** Signs at the time that it is given, POSIX seconds. */
  signerAt(timeS: bigint): NoteSigner;
  readonly verifier: NoteVerifier;
  /** What policies and logs must know. */
  readonly verifierKey: string;
}

/**
 * Makes a new key in a file of its own, readable by the owner alone, and gives its verifier key. `name` should be a URL without scheme that tells witnesses
 * apart, e.g. `witness.example.com/w1`. Throws KEY_EXISTS, and KEY_MALFORMED for a name with spaces or plus signs.
 */
export async function createWitnessKey(path: string, name: string): Promise<string> {
  if ((await readText(path)) !== undefined) throw new WitnessError('KEY_EXISTS', `There is a key in ${path} already. A witness keeps its key: name another file.`);
  const { signingKey, verifierKey } = generated(name);
  await replaceText(path, `${signingKey}\n`, 0o600);
  return verifierKey;
}

/** Throws KEY_MISSING, KEY_READABLE or KEY_MALFORMED. */
export async function openWitnessKey(path: string): Promise<WitnessKey> {
  const text = (await readText(path))?.trim();
  if (text === undefined) throw new WitnessError('KEY_MISSING', `The key file of the witness is missing: ${path}.`);
  // Whoever has the key can cosign a fork.
  if (((await stat(path)).mode & 0o077) !== 0) throw new WitnessError('KEY_READABLE', `The key file of the witness can be read by others: chmod 600 ${path}.`);
  try {
    const { verifierKey } = parseSigner(text, [cosignature]);
    return { signerAt: (timeS) => parseSigner(text, [cosignatureAt(() => timeS)]), verifier: parseVerifier(verifierKey, [cosignature]), verifierKey };
  } catch (error) {
    if (!(error instanceof TransparencyError)) throw error;
    throw new WitnessError('KEY_MALFORMED', `The key file of the witness holds no signing key of type 0x04 (cosignature): ${path}.`, { cause: error });
  }
}

function generated(name: string): { signingKey: string; verifierKey: string } {
  try {
    return generateKey(name, cosignature);
  } catch (error) {
    if (!(error instanceof TransparencyError)) throw error;
    throw new WitnessError('KEY_MALFORMED', error.message, { cause: error });
  }
}
