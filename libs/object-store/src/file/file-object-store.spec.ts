import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { objectKey, type Digest } from '../digest.js';
import { describeObjectStoreContract } from '../testing/object-store.contract.js';
import { FileObjectStore } from './file-object-store.js';

describeObjectStoreContract('FileObjectStore', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-objects-'));
  return {
    store: await FileObjectStore.open(join(folder, 'store')),
    scratch: folder,
    corrupt: (digest) => corrupt(join(folder, 'store'), digest),
    dispose: () => rm(folder, { recursive: true }),
  };
});

describe('FileObjectStore', () => {
  it('says UNAVAILABLE where no folder can be', async () => {
    await expect(FileObjectStore.open('/dev/null/objects')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

async function corrupt(root: string, digest: Digest): Promise<void> {
  const path = join(root, objectKey(digest));
  const bytes = await readFile(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await chmod(path, 0o644);
  await writeFile(path, bytes);
}
