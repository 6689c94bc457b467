import { createPrivateKey, createPublicKey, hash, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { TransparencyError } from './errors.js';
import { decodeBase64, isKeyName, type NoteSigner, type NoteVerifier } from './note.js';

/**
 * How one kind of key signs. Another kind (a cosignature, ML-DSA) is another value of this type; the byte is assigned by C2SP signed-note.
 */
export interface SignatureAlgorithm {
  readonly type: number;
  /** Undefined for bytes that are no public key of this kind. */
  verifier(publicKey: Uint8Array): ((text: Uint8Array, signature: Uint8Array) => boolean) | undefined;
  /** Undefined for bytes that are no seed of this kind. */
  signer(seed: Uint8Array): { readonly publicKey: Uint8Array; sign(text: Uint8Array): Uint8Array } | undefined;
}

// DER of an Ed25519 key up to its 32 bytes (RFC 8410): node:crypto takes no bare ones.
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const ED25519_BYTES = 32;
/** Of Ed25519 (RFC 8032), and of ML-DSA (FIPS 204) too. */
const SEED_BYTES = 32;

/** RFC 8032 over the text of the note. */
export const ed25519: SignatureAlgorithm = {
  type: 0x01,
  verifier(publicKey) {
    if (publicKey.length !== ED25519_BYTES) return undefined;
    const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
    return (text, signature) => verify(null, text, key, signature);
  },
  signer(seed) {
    if (seed.length !== ED25519_BYTES) return undefined;
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
    return { publicKey: rawPublicKey(createPublicKey(key)), sign: (text) => sign(null, text, key) };
  },
};

export interface KeyPair {
  /** `PRIVATE+KEY+<name>+<key id>+<base64(type ‖ seed)>`: secret. */
  readonly signingKey: string;
  /** `<name>+<key id>+<base64(type ‖ public key)>`: what a verifier must know. */
  readonly verifierKey: string;
}

/** A fresh key: of a log by default, of a witness with the algorithm `cosignature`. Throws MALFORMED for a name with spaces or plus signs. */
export function generateKey(name: string, algorithm: SignatureAlgorithm = ed25519): KeyPair {
  const seed = randomBytes(SEED_BYTES);
  const signer = algorithm.signer(seed);
  if (signer === undefined) throw malformedKey('signing');
  const { publicKey } = signer;
  return { signingKey: `${PRIVATE}${encodeKey(name, algorithm.type, publicKey, seed)}`, verifierKey: encodeKey(name, algorithm.type, publicKey, publicKey) };
}

/** Throws MALFORMED, also for a key whose id does not belong to it. */
export function parseSigner(signingKey: string, algorithms: readonly SignatureAlgorithm[] = [ed25519]): NoteSigner & { readonly verifierKey: string } {
  const key = signingKey.startsWith(PRIVATE) ? decodeKey(signingKey.slice(PRIVATE.length)) : undefined;
  const signer = key && algorithms.find(({ type }) => type === key.type)?.signer(key.material);
  if (key === undefined || signer === undefined || !sameId(key, signer.publicKey)) throw malformedKey('signing');
  return {
    name: key.name,
    keyId: key.keyId,
    type: key.type,
    sign: (text) => signer.sign(text),
    verifierKey: encodeKey(key.name, key.type, signer.publicKey, signer.publicKey),
  };
}

/** Throws MALFORMED, also for a key whose id does not belong to it. */
export function parseVerifier(verifierKey: string, algorithms: readonly SignatureAlgorithm[] = [ed25519]): NoteVerifier {
  const key = decodeKey(verifierKey);
  const check = key && algorithms.find(({ type }) => type === key.type)?.verifier(key.material);
  if (key === undefined || check === undefined || !sameId(key, key.material)) throw malformedKey('verifier');
  return { name: key.name, keyId: key.keyId, type: key.type, verify: check };
}

const PRIVATE = 'PRIVATE+KEY+';
const KEY = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/;

interface DecodedKey {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly type: number;
  readonly material: Uint8Array;
}

function decodeKey(text: string): DecodedKey | undefined {
  const [, name, keyId, base64] = KEY.exec(text) ?? [];
  const bytes = decodeBase64(base64 ?? '');
  const type = bytes?.[0];
  if (name === undefined || keyId === undefined || bytes === undefined || type === undefined || !isKeyName(name)) return undefined;
  return { name, keyId: Buffer.from(keyId, 'hex'), type, material: bytes.subarray(1) };
}

function encodeKey(name: string, type: number, publicKey: Uint8Array, material: Uint8Array): string {
  if (!isKeyName(name)) throw new TransparencyError('MALFORMED', 'The name of a key has no spaces and no plus signs.');
  const id = keyIdOf(name, type, publicKey).toString('hex');
  return `${name}+${id}+${Buffer.concat([Uint8Array.of(type), material]).toString('base64')}`;
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ public key), its first 4 bytes. */
function keyIdOf(name: string, type: number, publicKey: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(type), publicKey]), 'buffer').subarray(0, 4);
}

function sameId(key: DecodedKey, publicKey: Uint8Array): boolean {
  return Buffer.compare(key.keyId, keyIdOf(key.name, key.type, publicKey)) === 0;
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

function malformedKey(what: string): TransparencyError {
  return new TransparencyError('MALFORMED', `Not a ${what} key of a kind that is known here.`);
}
