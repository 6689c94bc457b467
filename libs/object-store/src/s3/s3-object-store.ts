import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Client } from 'minio';
import { isDigest, objectKey, verifiedStream, type Digest } from '../digest.js';
import { ObjectStoreError } from '../errors.js';
import { FileObjectStore } from '../file/file-object-store.js';
import { ObjectFolder, type StagedObject } from '../file/object-folder.js';
import type { ObjectStore, StoredObject } from '../object-store.js';
import { evict, markUsed } from './object-cache.js';
import type { S3Location } from './s3-url.js';

export interface S3ObjectStoreOptions {
  /** Local copies for localPath, and staging for uploads. Must not be writable by others. */
  readonly cacheDir: string;
  readonly maxCacheBytes?: number;
}

const MAX_CACHE_BYTES = 20 * 1024 ** 3;

/** Objects in one bucket of any S3, under the same keys as the files of the file adapter. */
export class S3ObjectStore implements ObjectStore {
  private constructor(
    private readonly client: Client,
    private readonly bucket: string,
    private readonly folder: ObjectFolder,
    private readonly cache: FileObjectStore,
    private readonly maxCacheBytes: number,
  ) {}

  /** Creates the bucket where it is missing. Throws UNAVAILABLE when the server can't be reached or refuses. */
  static async open(location: S3Location, options: S3ObjectStoreOptions): Promise<S3ObjectStore> {
    const { bucket, ...connection } = location;
    const client = new Client(connection);
    await available(async () => {
      if (!(await client.bucketExists(bucket))) await client.makeBucket(bucket, location.region);
    });
    const cache = await FileObjectStore.open(options.cacheDir);
    const folder = await ObjectFolder.open(options.cacheDir);
    return new S3ObjectStore(client, bucket, folder, cache, options.maxCacheBytes ?? MAX_CACHE_BYTES);
  }

  async put(content: Uint8Array | Readable, options: { readonly maxBytes?: number } = {}): Promise<StoredObject> {
    // The key is the digest, so all bytes must have been seen before the first one is sent.
    const staged = await this.folder.stage(content, options.maxBytes);
    try {
      await this.upload(staged);
    } catch (error) {
      await this.folder.discard(staged);
      throw error;
    }
    await this.folder.commit(staged);
    await evict(this.folder.root, this.maxCacheBytes, Date.now());
    return { digest: staged.digest, sizeBytes: staged.sizeBytes };
  }

  async putFile(path: string): Promise<StoredObject> {
    return this.put(createReadStream(path));
  }

  async read(digest: Digest, { maxBytes }: { readonly maxBytes: number }): Promise<Buffer> {
    const sizeBytes = await this.sizeOf(digest);
    if (sizeBytes > maxBytes) throw new ObjectStoreError('TOO_LARGE', `${digest} has ${sizeBytes} bytes, more than ${maxBytes}.`);
    return buffer(await this.open(digest));
  }

  async open(digest: Digest): Promise<Readable> {
    const key = objectKey(digest);
    const source = await available(() => this.client.getObject(this.bucket, key), digest);
    return verifiedStream(source, digest, (cause) => new ObjectStoreError('UNAVAILABLE', `${digest} can not be read to its end.`, { cause }));
  }

  async localPath(digest: Digest): Promise<string> {
    if (!(await this.cached(digest))) {
      // A stream of other bytes fails, so that what is staged has this digest.
      await this.folder.commit(await this.folder.stage(await this.open(digest)));
      await evict(this.folder.root, this.maxCacheBytes, Date.now());
    }
    return this.cache.localPath(digest);
  }

  async has(digest: Digest): Promise<boolean> {
    if (!isDigest(digest)) return false;
    try {
      await this.sizeOf(digest);
      return true;
    } catch (error) {
      if (error instanceof ObjectStoreError && error.code === 'NOT_FOUND') return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.cache.close();
  }

  private async upload(staged: StagedObject): Promise<void> {
    const key = objectKey(staged.digest);
    await available(() => this.client.fPutObject(this.bucket, key, staged.path, { 'Content-Type': 'application/octet-stream' }));
  }

  private async sizeOf(digest: Digest): Promise<number> {
    const key = objectKey(digest);
    const { size } = await available(() => this.client.statObject(this.bucket, key), digest);
    return size;
  }

  /** Marks a cached copy as used; a corrupted one is fetched again. */
  private async cached(digest: Digest): Promise<boolean> {
    if (!(await this.cache.has(digest))) return false;
    await markUsed(this.folder.pathOf(digest), Date.now()).catch(() => undefined);
    try {
      await this.cache.localPath(digest);
      return true;
    } catch (error) {
      if (error instanceof ObjectStoreError && error.code !== 'UNAVAILABLE') return false;
      throw error;
    }
  }
}

const MISSING = new Set(['NoSuchKey', 'NotFound', 'NoSuchObject']);

async function available<T>(call: () => Promise<T>, digest?: Digest): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof ObjectStoreError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw digest !== undefined && MISSING.has(code)
      ? new ObjectStoreError('NOT_FOUND', `Nothing is stored as ${digest}.`, { cause })
      : new ObjectStoreError('UNAVAILABLE', 'The S3 object store can not be reached, or refuses.', { cause });
  }
}
