import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DigestStream, objectKey, type Digest } from '../digest.js';
import { ObjectStoreError } from '../errors.js';
import type { StoredObject } from '../object-store.js';

/** Content that lies in a temporary file and has no name yet. */
export interface StagedObject extends StoredObject {
  readonly path: string;
}

const STAGING = 'tmp';
const ABANDONED_MS = 24 * 60 * 60 * 1000;
// A large buffer is hashed in pieces, so that other requests get their turn.
const CHUNK_BYTES = 1024 * 1024;

/**
 * Files by digest under one root: `sha256/ab/<hex>`. A file gets its name by rename once its bytes are on disk, so that a name never
 * stands for half a file; the folder is synced after the rename, so that the name survives a power cut too.
 */
export class ObjectFolder {
  private constructor(readonly root: string) {}

  /** Creates the folder where it is missing, and removes what crashed writers left behind more than a day ago. */
  static async open(root: string): Promise<ObjectFolder> {
    await mkdir(join(root, STAGING), { recursive: true, mode: 0o700 });
    for (const name of await readdir(join(root, STAGING))) {
      const path = join(root, STAGING, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
      if (Date.now() - mtimeMs > ABANDONED_MS) await rm(path, { force: true });
    }
    return new ObjectFolder(root);
  }

  pathOf(digest: Digest): string {
    return join(this.root, objectKey(digest));
  }

  /** Writes and syncs a temporary file; on any error nothing is left of it. */
  async stage(content: Uint8Array | Readable, maxBytes?: number): Promise<StagedObject> {
    const path = join(this.root, STAGING, randomUUID());
    const digesting = new DigestStream(maxBytes);
    try {
      // `flush` syncs before the file is closed.
      await pipeline(content instanceof Readable ? content : slices(content), digesting, createWriteStream(path, { flags: 'wx', flush: true }));
      await chmod(path, 0o444);
    } catch (error) {
      await remove(path);
      throw asUnavailable(error);
    }
    return { path, digest: digesting.digest(), sizeBytes: digesting.sizeBytes };
  }

  /** Gives a staged file its name, in place of an older one with the same name: that heals a corrupted file. */
  async commit(staged: StagedObject): Promise<string> {
    const path = this.pathOf(staged.digest);
    try {
      const created = await mkdir(dirname(path), { recursive: true });
      await rename(staged.path, path);
      await syncFolder(dirname(path));
      if (created !== undefined) {
        await syncFolder(dirname(dirname(path)));
        await syncFolder(this.root);
      }
    } catch (error) {
      await this.discard(staged);
      throw asUnavailable(error);
    }
    return path;
  }

  async discard(staged: StagedObject): Promise<void> {
    await remove(staged.path);
  }
}

/** What can't be removed now is removed by `open` a day later; the error that led here matters more. */
async function remove(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

function slices(content: Uint8Array): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < content.length; at += CHUNK_BYTES) yield content.subarray(at, at + CHUNK_BYTES);
    })(),
    { objectMode: false },
  );
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Errors of the file system become UNAVAILABLE; those of the source stay what they are. */
function asUnavailable(error: unknown): unknown {
  const fromSystem = error instanceof Error && 'syscall' in error;
  return fromSystem ? new ObjectStoreError('UNAVAILABLE', 'The object store can not be written.', { cause: error }) : error;
}
