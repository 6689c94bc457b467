import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXPIRY_MS, UploadSpool, type UploadTarget } from './upload-spool.js';

const target: UploadTarget = { workspace: 'default', owner: { kind: 'run', id: 'r' }, path: 'x', partCount: 2 };
const of = (content: string) => Readable.from([Buffer.from(content)]);

describe('parts of an upload', () => {
  let root: string;
  let spool: UploadSpool;
  let id: string;
  beforeEach(async () => {
    root = join(await mkdtemp(join(tmpdir(), 'cairn-spool-')), 'uploads');
    spool = new UploadSpool(root, 10);
    id = await spool.open(target);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('come back in the order that is asked for, also to the next process', async () => {
    const second = await spool.add(id, 2, of('world'));
    const first = await spool.add(id, 1, of('hello '));
    const again = new UploadSpool(root, 10);
    expect(await again.target(id)).toEqual({ ...target, isDone: false });
    expect(await text(await again.read(id, [{ number: 1, etag: first }, { number: 2, etag: second }]))).toBe('hello world');
  });

  it('count as the last word says when one came twice', async () => {
    const [wrong, right] = [await spool.add(id, 1, of('wrong')), await spool.add(id, 1, of('right'))];
    expect(await text(await spool.read(id, [{ number: 1, etag: right }]))).toBe('right');
    expect(await text(await spool.read(id, [{ number: 1, etag: wrong }]))).toBe('wrong');
  });

  it('leave nothing when they are too large or break off', async () => {
    const broken = Readable.from((async function* () {
      yield Buffer.from('half');
      throw new Error('connection lost');
    })());
    await expect(spool.add(id, 1, of('x'.repeat(11)))).rejects.toMatchObject({ code: 'PART_TOO_LARGE' });
    await expect(spool.add(id, 1, broken)).rejects.toThrow('connection lost');
    expect(await readdir(join(root, id))).toEqual(['upload.json']);
  });

  it('are known by number and ETag alone', async () => {
    const etag = await spool.add(id, 1, of('a'));
    for (const part of [{ number: 2, etag }, { number: 1, etag: '0'.repeat(64) }, { number: 1, etag: '../../x' }]) {
      await expect(spool.read(id, [part])).rejects.toMatchObject({ code: 'PART_NOT_FOUND' });
    }
    await expect(spool.add(id, 3, of('a'))).rejects.toMatchObject({ code: 'PART_NOT_FOUND' });
    for (const foreign of ['../escape', '', '00000000-0000-7000-8000-000000000000']) {
      await expect(spool.add(foreign, 1, of('a'))).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    }
  });

  it('are gone when it is completed or aborted, which may be said twice', async () => {
    await spool.add(id, 1, of('a'));
    await spool.complete(id);
    await spool.complete(id);
    expect((await readdir(join(root, id))).sort()).toEqual(['done', 'upload.json']);
    expect((await spool.target(id)).isDone).toBe(true);
    await expect(spool.add(id, 1, of('a'))).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    await spool.abort(id);
    await spool.abort(id);
    await spool.abort('../escape');
    expect(await readdir(root)).toEqual([]);
  });

  it('are cleaned up a day after the last one came', async () => {
    const abandoned = await spool.open(target);
    const now = Date.now();
    await utimes(join(root, abandoned), (now - EXPIRY_MS - 1_000) / 1_000, (now - EXPIRY_MS - 1_000) / 1_000);
    await spool.sweep(now);
    expect(await readdir(root)).toEqual([id]);
  });
});
