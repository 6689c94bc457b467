import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SEALED_PREFIX } from '@cairn/contracts';
import type { SubjectKey } from './subject-keys.js';

/** AES-256-GCM with a random 96-bit nonce and a 128-bit tag, NIST SP 800-38D. */
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^([0-9a-f-]{36}):([A-Za-z0-9_-]+)$/;

/** Where a sealed text belongs: it opens nowhere else. */
export interface SealedPlace {
  readonly eventId: string;
  readonly type: string;
  readonly field: string;
}

/** `cairn-sealed:1:<key id>:<base64url of nonce ‖ ciphertext ‖ tag>`. */
export function seal(text: string, key: SubjectKey, place: SealedPlace): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES }).setAAD(aadOf(place));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${SEALED_PREFIX}${key.id}:${sealed.toString('base64url')}`;
}

/** The id of the key that a text is sealed under; undefined when it isn't sealed. */
export function sealedUnder(text: unknown): string | undefined {
  if (typeof text !== 'string' || !text.startsWith(SEALED_PREFIX)) return undefined;
  return SEALED.exec(text.slice(SEALED_PREFIX.length))?.[1];
}

/** Undefined when the text was not sealed with this key, for this place. */
export function unseal(text: string, key: SubjectKey, place: SealedPlace): string | undefined {
  const bytes = Buffer.from(SEALED.exec(text.slice(SEALED_PREFIX.length))?.[2] ?? '', 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const end = bytes.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv(CIPHER, key.secret, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(aadOf(place)).setAuthTag(bytes.subarray(end));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function aadOf({ eventId, type, field }: SealedPlace): Buffer {
  return Buffer.from(`${eventId} ${type} ${field}`, 'utf8');
}
