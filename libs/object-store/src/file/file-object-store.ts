import { createReadStream, type BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { LRUCache } from 'lru-cache';
import { isDigest, verifiedStream, type Digest } from '../digest.js';
import { ObjectStoreError } from '../errors.js';
import type { ObjectStore, StoredObject } from '../object-store.js';
import { ObjectFolder } from './object-folder.js';

const VERIFIED_FILES = 10_000;

/** Objects as files of one folder, which several processes may share. */
export class FileObjectStore implements ObjectStore {
  /** What a file looked like when its bytes were last checked: one that looks the same is not hashed again for localPath. */
  private readonly verified = new LRUCache<Digest, string>({ max: VERIFIED_FILES });

  private constructor(private readonly folder: ObjectFolder) {}

  /** Throws UNAVAILABLE when the folder can't be created or read. */
  static async open(root: string): Promise<FileObjectStore> {
    try {
      return new FileObjectStore(await ObjectFolder.open(root));
    } catch (cause) {
      throw new ObjectStoreError('UNAVAILABLE', 'The folder of the object store can not be opened.', { cause });
    }
  }

  async put(content: Uint8Array | Readable, options: { readonly maxBytes?: number } = {}): Promise<StoredObject> {
    const staged = await this.folder.stage(content, options.maxBytes);
    await this.folder.commit(staged);
    return { digest: staged.digest, sizeBytes: staged.sizeBytes };
  }

  async putFile(path: string): Promise<StoredObject> {
    return this.put(createReadStream(path));
  }

  async read(digest: Digest, { maxBytes }: { readonly maxBytes: number }): Promise<Buffer> {
    const { size } = await this.statOf(digest);
    if (size > BigInt(maxBytes)) throw new ObjectStoreError('TOO_LARGE', `${digest} has ${size} bytes, more than ${maxBytes}.`);
    return buffer(this.stream(digest));
  }

  async open(digest: Digest): Promise<Readable> {
    await this.statOf(digest);
    return this.stream(digest);
  }

  async localPath(digest: Digest): Promise<string> {
    const identity = identityOf(await this.statOf(digest));
    if (this.verified.get(digest) !== identity) {
      await pipeline(this.stream(digest), new Writable({ write: (_chunk, _encoding, done) => done() }));
      this.verified.set(digest, identity);
    }
    return this.folder.pathOf(digest);
  }

  async has(digest: Digest): Promise<boolean> {
    if (!isDigest(digest)) return false;
    try {
      await this.statOf(digest);
      return true;
    } catch (error) {
      if (error instanceof ObjectStoreError && error.code === 'NOT_FOUND') return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.verified.clear();
  }

  private async statOf(digest: Digest): Promise<BigIntStats> {
    try {
      return await stat(this.folder.pathOf(digest), { bigint: true });
    } catch (cause) {
      if (cause instanceof ObjectStoreError) throw cause;
      throw fileError(digest, cause);
    }
  }

  private stream(digest: Digest): Readable {
    const source = createReadStream(this.folder.pathOf(digest), { highWaterMark: 1024 * 1024 });
    return verifiedStream(source, digest, (cause) => fileError(digest, cause));
  }
}

/** Any write changes the change time, which no program can set back. */
function identityOf({ dev, ino, size, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${ctimeNs}`;
}

function fileError(digest: Digest, cause: unknown): ObjectStoreError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return missing
    ? new ObjectStoreError('NOT_FOUND', `Nothing is stored as ${digest}.`, { cause })
    : new ObjectStoreError('UNAVAILABLE', `${digest} can not be read.`, { cause });
}
