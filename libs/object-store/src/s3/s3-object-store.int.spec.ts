import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'minio';
import { describe, expect, it } from 'vitest';
import { objectKey, type Digest } from '../digest.js';
import { openObjectStore } from '../open-object-store.js';
import { describeObjectStoreContract } from '../testing/object-store.contract.js';
import { parseS3Url } from './s3-url.js';

// The contract runs against a real S3 server where one is given; README says how.
const testUrl = process.env['CAIRN_TEST_S3_URL'];

describe('a server that is not there', () => {
  it('is UNAVAILABLE, and the message does not repeat the secret', async () => {
    const error = await openObjectStore('s3://key:hush-hush@127.0.0.1:1/bucket?tls=0').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(String(error)).not.toContain('hush');
  });
});

if (testUrl !== undefined) {
  describeObjectStoreContract('S3ObjectStore', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-objects-'));
    const url = new URL(testUrl);
    url.pathname = `/cairn-test-${randomUUID()}`;
    url.searchParams.set('cache', join(folder, 'cache'));
    const { bucket, ...connection } = parseS3Url(url);
    const client = new Client(connection);
    const corrupt = async (digest: Digest): Promise<void> => {
      const key = objectKey(digest);
      const local = join(folder, 'cache', key);
      const bytes = await readFile(local);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      await client.putObject(bucket, key, bytes);
      await rm(local);
    };
    return { store: await openObjectStore(url.href), scratch: folder, corrupt, dispose: () => rm(folder, { recursive: true }) };
  });
}
