import { mkdtemp, readdir, rm, truncate, chmod, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../digest.js';
import { FileObjectStore } from './file-object-store.js';
import { ObjectFolder } from './object-folder.js';

describe('a writer that dies', () => {
  let root: string;
  const content = Buffer.from('what the writer had in hand');
  const digest = digestOf(content);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'cairn-objects-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('before the rename: nothing is visible, and the same put succeeds later', async () => {
    const folder = await ObjectFolder.open(root);
    await folder.stage(content);

    const after = await FileObjectStore.open(root);
    expect(await after.has(digest)).toBe(false);
    await expect(after.read(digest, { maxBytes: 100 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await after.put(content);
    expect(await after.read(digest, { maxBytes: 100 })).toEqual(content);
  });

  it('after the rename: all of it is visible, also to a writer that did not hear of it and puts it again', async () => {
    const folder = await ObjectFolder.open(root);
    await folder.commit(await folder.stage(content));

    const after = await FileObjectStore.open(root);
    expect(await after.read(digest, { maxBytes: 100 })).toEqual(content);
    expect(await after.put(content)).toEqual({ digest, sizeBytes: content.length });
  });

  it('leaves a file that is removed a day later, not while somebody may still be writing it', async () => {
    const folder = await ObjectFolder.open(root);
    const staged = await folder.stage(content);
    await ObjectFolder.open(root);
    expect(await readdir(join(root, 'tmp'))).toHaveLength(1);

    const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
    await utimes(staged.path, twoDaysAgo, twoDaysAgo);
    await ObjectFolder.open(root);
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });
});

describe('a file that lost its second half', () => {
  it('is DIGEST_MISMATCH, and is healed by the next put', async () => {
    const root = await mkdtemp(join(tmpdir(), 'cairn-objects-'));
    const store = await FileObjectStore.open(root);
    const { digest } = await store.put(Buffer.from('a disk that lied about its sync'));
    const path = await store.localPath(digest);
    await chmod(path, 0o644);
    await truncate(path, 10);

    await expect(store.read(digest, { maxBytes: 100 })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await expect(store.localPath(digest)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await store.put(Buffer.from('a disk that lied about its sync'));
    expect(await store.localPath(digest)).toBe(path);
    await rm(root, { recursive: true });
  });
});

describe('a store that cannot be written', () => {
  it('says UNAVAILABLE and keeps what it has', async () => {
    const root = await mkdtemp(join(tmpdir(), 'cairn-objects-'));
    const store = await FileObjectStore.open(root);
    const { digest } = await store.put(Buffer.from('kept'));
    await rm(join(root, 'tmp'), { recursive: true });
    await writeFile(join(root, 'tmp'), 'in the way');

    await expect(store.put(Buffer.from('refused'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await store.read(digest, { maxBytes: 100 })).toEqual(Buffer.from('kept'));
    await rm(root, { recursive: true });
  });
});
