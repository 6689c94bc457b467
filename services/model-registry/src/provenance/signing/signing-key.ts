import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createText, readText } from '@cairn/durable-file';
import { SERVICE_CONFIG, SERVICE_SETTINGS, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import type { RegistrySettings } from '../../config.js';

const BLOCK = /-----BEGIN (PRIVATE|PUBLIC) KEY-----[A-Za-z0-9+/=\s]+-----END \1 KEY-----/g;

export interface PublicKey {
  /** SHA-256, hex, of the SubjectPublicKeyInfo: the same key has the same id everywhere. */
  readonly keyId: string;
  /** PEM of the SubjectPublicKeyInfo. */
  readonly pem: string;
  /** The others signed before. */
  readonly signs: boolean;
}

export interface SigningKeys {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** The one that signs, then those that signed before. */
  readonly publicKeys: readonly PublicKey[];
}

/**
 * The Ed25519 key that speaks for the registry, in a file that its owner alone can read. The first block signs; every further one, private or public, signed
 * before and stays known. To change the key, put the new one first and keep the old one behind it.
 */
@Injectable()
export class SigningKey {
  private opened: Promise<SigningKeys> | undefined;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Inject(SERVICE_SETTINGS) private readonly settings: RegistrySettings,
  ) {}

  open(): Promise<SigningKeys> {
    const { keyFile } = this.settings.provenance;
    this.opened ??= openSigningKeys(keyFile ?? join(this.config.dataDir, 'provenance.key'), { mustExist: keyFile !== undefined }).catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
    return this.opened;
  }
}

/** Reads the keys; makes one where none is, unless the operator named the file: then a missing one is an error. */
export async function openSigningKeys(path: string, { mustExist }: { readonly mustExist: boolean }): Promise<SigningKeys> {
  if (!mustExist) await createText(path, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 0o600);
  const text = await readText(path);
  if (text === undefined) throw new Error('The key file of the provenance is missing.');
  if (((await stat(path)).mode & 0o077) !== 0) throw new Error('The key file of the provenance can be read by others: make it readable for its owner alone.');
  const blocks = [...text.matchAll(BLOCK)];
  const [first] = blocks;
  if (first?.[1] !== 'PRIVATE') throw new Error('The key file of the provenance must begin with the PEM of a private Ed25519 key (PKCS #8).');
  const privateKey = createPrivateKey(first[0]);
  const publicKeys = blocks.map(([pem, kind], index) => publicKeyOf(kind === 'PRIVATE' ? createPublicKey(createPrivateKey(pem)) : createPublicKey(pem), index === 0));
  const [{ keyId } = { keyId: '' }] = publicKeys;
  return { keyId, privateKey, publicKeys: publicKeys.filter((key, index) => publicKeys.findIndex((one) => one.keyId === key.keyId) === index) };
}

function publicKeyOf(key: KeyObject, signs: boolean): PublicKey {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('The key file of the provenance holds a key that is not Ed25519.');
  const keyId = hash('sha256', key.export({ format: 'der', type: 'spki' }));
  return { keyId, pem: key.export({ format: 'pem', type: 'spki' }).toString(), signs };
}
