import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generateKey, hashLeaf, MerkleTree, parseSigner, signCheckpoint, tilePath, TILE_WIDTH } from '@cairn/transparency';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyCopyFiles, type CopyFiles } from './copy-files.js';

const EVENTS = 300;

describe('verifyCopyFiles', () => {
  let folder: string;
  let files: CopyFiles & { readonly tiles: string };
  const bodies = Array.from({ length: EVENTS }, (_, at) => `{"event":${at}}`);
  const lines = (of: readonly string[]): string => of.map((body, at) => `${JSON.stringify({ position: String(at), body })}\n`).join('');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cairn-copy-'));
    const tree = new MerkleTree();
    tree.append(...bodies.map(hashLeaf));
    const keys = generateKey('log.example');
    files = { copy: join(folder, 'events.ndjson'), checkpoint: join(folder, 'checkpoint'), key: `${keys.verifierKey}\n`, tiles: folder };
    await writeFile(files.copy, lines(bodies));
    await writeFile(files.checkpoint, signCheckpoint({ origin: 'log.example', size: tree.size, root: tree.root() }, parseSigner(keys.signingKey)));
    for (const id of [{ level: 0, index: 0n, width: TILE_WIDTH }, { level: 0, index: 1n, width: 44 }, { level: 1, index: 0n, width: 1 }]) {
      const [hashes] = await tree.tiles([id]);
      await mkdir(dirname(join(folder, tilePath(id))), { recursive: true });
      await writeFile(join(folder, tilePath(id)), hashes!);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('verifies a copy from files alone', async () => {
    expect(await verifyCopyFiles(files)).toMatchObject({ verified: true, size: BigInt(EVENTS) });
  });

  it('names the event that was changed in the copy', async () => {
    const forged = { ...files, copy: join(folder, 'forged.ndjson') };
    await writeFile(forged.copy, lines(bodies.with(271, '{"event":"another"}')));
    expect(await verifyCopyFiles(forged)).toMatchObject({ verified: false, firstBadPosition: 271n, tilesVerified: true });
  });

  it('sees the change without tiles too', async () => {
    const { checkpoint, key } = files;
    await writeFile(join(folder, 'cut.ndjson'), lines(bodies.slice(0, 200)));
    expect(await verifyCopyFiles({ checkpoint, key, copy: join(folder, 'cut.ndjson') })).toMatchObject({ verified: false, firstBadPosition: 200n, finding: 'MISSING' });
  });
});
