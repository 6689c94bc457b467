import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, type Digest } from '../digest.js';
import type { ObjectStore } from '../object-store.js';

export interface ContractSubject {
  readonly store: ObjectStore;
  /** An empty folder for the suite's own files. */
  readonly scratch: string;
  /** Changes a byte of what is stored, behind the store's back. */
  corrupt(digest: Digest): Promise<void>;
  dispose(): Promise<void>;
}

/** What every adapter promises. */
export function describeObjectStoreContract(name: string, openSubject: () => Promise<ContractSubject>): void {
  describe(`${name} keeps the promises of ObjectStore`, () => {
    let subject: ContractSubject;
    let store: ObjectStore;
    beforeAll(async () => {
      subject = await openSubject();
      store = subject.store;
    });
    afterAll(() => subject.dispose());

    const nowhere = digestOf('never stored');
    // Several chunks, and bytes of every value.
    const large = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 31 + (at >> 8)) % 256));

    it('gives back a buffer, a stream and a file under their digest', async () => {
      const text = Buffer.from('three forms of the same');
      const path = join(subject.scratch, 'source');
      await writeFile(path, text);
      const expected = { digest: digestOf(text), sizeBytes: text.length };
      expect(await store.put(text)).toEqual(expected);
      expect(await store.put(Readable.from([text.subarray(0, 5), text.subarray(5)]))).toEqual(expected);
      expect(await store.putFile(path)).toEqual(expected);
      expect(await store.read(expected.digest, { maxBytes: 100 })).toEqual(text);
    });

    it.each([['nothing at all', Buffer.alloc(0)], ['a single byte', Buffer.from([0])], ['three megabytes', large]])('stores %s', async (_, content) => {
      const { digest, sizeBytes } = await store.put(content);
      expect(digest).toBe(digestOf(content));
      expect(sizeBytes).toBe(content.length);
      expect(digestOf(await store.read(digest, { maxBytes: content.length }))).toBe(digest);
      expect(digestOf(await buffer(await store.open(digest)))).toBe(digest);
      expect(digestOf(await readFile(await store.localPath(digest)))).toBe(digest);
    });

    it('says what it has', async () => {
      const { digest } = await store.put(Buffer.from('here'));
      expect(await store.has(digest)).toBe(true);
      expect(await store.has(nowhere)).toBe(false);
    });

    it('takes the same content from many at once', async () => {
      const content = Buffer.from('wanted by all');
      const puts = await Promise.all(Array.from({ length: 16 }, () => store.put(content)));
      expect(new Set(puts.map(({ digest }) => digest))).toEqual(new Set([digestOf(content)]));
      expect(await store.read(digestOf(content), { maxBytes: 100 })).toEqual(content);
    });

    it('gives a local file that cannot be written', async () => {
      const { digest } = await store.put(Buffer.from('read me only'));
      const { mode } = await stat(await store.localPath(digest));
      expect(mode & 0o222).toBe(0);
    });

    it('answers NOT_FOUND for what was never stored, by every way of reading', async () => {
      await expect(store.read(nowhere, { maxBytes: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(store.open(nowhere)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(store.localPath(nowhere)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it.each(['sha256:../../../../etc/passwd', 'sha256:', `sha256:${'A'.repeat(64)}`, `sha256:${'a'.repeat(63)}/`, `md5:${'a'.repeat(64)}`])(
      'takes %s for no digest, and for no path',
      async (text) => {
        const digest = text as Digest;
        expect(await store.has(digest)).toBe(false);
        await expect(store.read(digest, { maxBytes: 1_000_000 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(store.open(digest)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(store.localPath(digest)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      },
    );

    it('refuses more bytes than the caller allows, on the way in and on the way out', async () => {
      const { digest } = await store.put(Buffer.from('twelve bytes'));
      await expect(store.read(digest, { maxBytes: 11 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
      const content = Buffer.from('too many bytes to take');
      await expect(store.put(content, { maxBytes: 5 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
      expect(await store.has(digestOf(content))).toBe(false);
    });

    it('stores nothing of a source that breaks off, and throws its error', async () => {
      const broken = Readable.from(
        (async function* () {
          yield Buffer.from('the first half');
          throw new Error('the sender went away');
        })(),
      );
      await expect(store.put(broken)).rejects.toThrow('the sender went away');
      expect(await store.has(digestOf('the first half'))).toBe(false);
    });

    it('answers DIGEST_MISMATCH for a flipped byte, by every way of reading', async () => {
      const { digest } = await store.put(Buffer.from('this will be tampered with'));
      await subject.corrupt(digest);
      await expect(store.read(digest, { maxBytes: 100 })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
      await expect(store.open(digest).then(buffer)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
      await expect(store.localPath(digest)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    });

    it('is healed by putting the content again', async () => {
      const content = Buffer.from('this will be tampered with and come back');
      const { digest } = await store.put(content);
      await subject.corrupt(digest);
      await store.put(content);
      expect(await store.read(digest, { maxBytes: 100 })).toEqual(content);
      expect(digestOf(await readFile(await store.localPath(digest)))).toBe(digest);
    });
  });
}
