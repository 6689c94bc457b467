import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SERVICE_CONFIG, SERVICE_SETTINGS, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import type { RegistrySettings } from '../../config.js';

const PREFIX = 'v1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY = /^[0-9a-f]{64}$/;

/**
 * Seals secrets of webhooks with AES-256-GCM before they get into an event; the id of the webhook is authenticated with it. The key is in a file of 64 hex
 * digits, which all processes of the service share: whoever loses it has to give the webhooks new secrets.
 */
@Injectable()
export class SecretSeal {
  private key: Promise<Buffer> | undefined;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Inject(SERVICE_SETTINGS) private readonly settings: RegistrySettings,
  ) {}

  async seal(secret: string, webhookId: string): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', await this.openKey(), nonce).setAAD(Buffer.from(webhookId));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return `${PREFIX}${Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url')}`;
  }

  /** Undefined when it was sealed under another key, or for another webhook. */
  async unseal(sealed: string, webhookId: string): Promise<string | undefined> {
    const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
    if (!sealed.startsWith(PREFIX) || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const key = await this.openKey();
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(webhookId));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  private openKey(): Promise<Buffer> {
    this.key ??= this.readKey().catch((error: unknown) => {
      this.key = undefined;
      throw error;
    });
    return this.key;
  }

  private async readKey(): Promise<Buffer> {
    const { keyFile } = this.settings.webhooks;
    const path = keyFile ?? join(this.config.dataDir, 'webhook.key');
    if (keyFile === undefined) await makeKey(path);
    if (((await stat(path)).mode & 0o077) !== 0) throw new Error('The key file of webhooks can be read by others: make it readable for its owner alone.');
    const text = (await readFile(path, 'utf8')).trim();
    if (!KEY.test(text)) throw new Error('The key file of webhooks must hold 64 hex digits, lower case.');
    return Buffer.from(text, 'hex');
  }
}

/** Of several processes that start at once one makes the key; nobody ever sees half of it. */
async function makeKey(path: string): Promise<void> {
  const isThere = await stat(path).then(() => true, () => false);
  if (isThere) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
    await file.sync();
    await link(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}
