import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ObjectStoreError } from './errors.js';
import { FileObjectStore } from './file/file-object-store.js';
import type { ObjectStore } from './object-store.js';
import { S3ObjectStore } from './s3/s3-object-store.js';
import { parseS3Url } from './s3/s3-url.js';

/**
 * `file:///folder`, or `s3://key:secret@host:port/bucket?tls=0&region=…&cache=/folder`. The cache of an S3 store is by default a folder of
 * this user among the temporary files. Throws UNAVAILABLE for a URL of another kind and for a store that can't be opened.
 */
export async function openObjectStore(url: string): Promise<ObjectStore> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'file:') return FileObjectStore.open(fileURLToPath(parsed));
  if (parsed?.protocol === 's3:') {
    const cacheDir = parsed.searchParams.get('cache') ?? join(tmpdir(), `cairn-objects-${userInfo().uid}`);
    return S3ObjectStore.open(parseS3Url(parsed), { cacheDir });
  }
  throw new ObjectStoreError('UNAVAILABLE', 'The object store is given as file:///folder or s3://key:secret@host:port/bucket.');
}
