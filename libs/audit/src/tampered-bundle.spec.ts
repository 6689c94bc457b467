import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@cairn/testing';
import { hashLeaf, MerkleTree } from '@cairn/transparency';
import { beforeAll, describe, expect, it } from 'vitest';
import { editEntries, filesOf, flipped, forge, zipOf } from './testing/forge.js';
import { sampleBodies, sampleBody, sampleLog } from './testing/sample-log.js';
import { verifyBundle } from './verify-bundle.js';
import { writeBundle } from './write-bundle.js';

const SIZE = 700;
const FULL = 'tile/entries/001';
const LAST = 'tile/entries/002.p/188';
const folder = tempDir('tampered');
const bodies = sampleBodies(SIZE);
const log = sampleLog(bodies);
const whole = join(folder, 'whole.zip');
let count = 0;

const copyName = (): string => join(folder, `copy-${(count += 1)}.zip`);

async function verdictOf(change: (files: Map<string, Buffer>) => void, key: string | undefined = log.key) {
  return verifyBundle(await forge(whole, copyName(), change), key === undefined ? {} : { verifierKey: key });
}

const change = (name: string, edit: (bytes: Buffer) => Buffer) => (files: Map<string, Buffer>) => void files.set(name, edit(files.get(name)!));

beforeAll(async () => {
  await writeBundle(whole, { source: log, schemas: Buffer.from('schemas'), earlierCheckpoints: [log.note(100n)], created: '2026-03-04T05:06:07Z' });
});

describe('a copy that was made again without a change', () => {
  it('verifies', async () => {
    expect(await verdictOf(() => undefined)).toMatchObject({ verified: true });
  });
});

describe('entries', () => {
  const edit = (name: string, by: (entries: Uint8Array[]) => Uint8Array[]) => verdictOf((files) => editEntries(files, name, by));

  it.each([0, 1, 44, 255])('with a flipped byte are found at their position (%i of the tile)', async (at) => {
    const verdict = await edit(FULL, (entries) => entries.with(at, flipped(entries[at]!)));
    expect(verdict).toMatchObject({ verified: false, finding: { code: 'ENTRY_CHANGED', position: 256n + BigInt(at), file: FULL } });
  });

  it('with several changes are found at the first', async () => {
    const verdict = await edit(FULL, (entries) => entries.with(90, flipped(entries[90]!)).with(17, flipped(entries[17]!)));
    expect(verdict).toMatchObject({ finding: { code: 'ENTRY_CHANGED', position: 273n } });
  });

  it('of which one was removed are found there, at the end too', async () => {
    expect(await edit(FULL, (entries) => entries.toSpliced(9, 1))).toMatchObject({ finding: { code: 'ENTRY_CHANGED', position: 265n } });
    expect(await edit(LAST, (entries) => entries.slice(0, -1))).toMatchObject({ finding: { code: 'ENTRY_MISSING', position: 699n } });
  });

  it('of which one was added are found there, at the end too', async () => {
    const extra = Buffer.from(sampleBody(9, 0, 'never happened'));
    expect(await edit(FULL, (entries) => entries.toSpliced(9, 0, extra))).toMatchObject({ finding: { code: 'ENTRY_CHANGED', position: 265n } });
    expect(await edit(LAST, (entries) => [...entries, extra])).toMatchObject({ finding: { code: 'ENTRY_CHANGED', position: 700n } });
  });

  it('that were swapped are found at the first of the two', async () => {
    expect(await edit(FULL, (entries) => entries.with(30, entries[31]!).with(31, entries[30]!))).toMatchObject({ finding: { code: 'ENTRY_CHANGED', position: 286n } });
  });

  it('that end in the middle are found where they end', async () => {
    expect(await verdictOf(change(LAST, (bytes) => bytes.subarray(0, -3)))).toMatchObject({ finding: { code: 'ENTRY_MISSING', position: 699n } });
    expect(await verdictOf(change(LAST, (bytes) => Buffer.concat([bytes, Buffer.from([0])])))).toMatchObject({ finding: { code: 'ENTRY_CHANGED', position: 700n } });
  });

  it('that were changed together with their tile are found by the tile', async () => {
    const forged = Buffer.from(sampleBody(1, 36, 'a better story'));
    const verdict = await verdictOf((files) => {
      editEntries(files, FULL, (entries) => entries.with(0, forged));
      files.get('tile/0/001')!.set(hashLeaf(forged), 0);
    });
    expect(verdict).toMatchObject({ finding: { code: 'TILE_CHANGED', file: 'tile/0/001', message: expect.stringContaining('positions 256 to 511') } });
  });

  it('that are no sound events are refused even though the log committed to them', async () => {
    const faults: [number, string, string][] = [
      [2, '{"subject":"thing-2"}', 'not the envelope'],
      [2, 'no JSON', 'not canonical'],
      [2, sampleBody(2, 0, 'spaced').replace('":', '": '), 'not canonical'],
      [2, sampleBody(2, 0, 'twice').replace('{"actor"', '{"actor":"eve","actor"'), 'not canonical'],
      [9, sampleBody(2, 0, 'again'), 'where revision 1 follows'],
      [9, sampleBody(2, 2, 'a gap'), 'where revision 1 follows'],
      [2, sampleBody(2, 5, 'not from 0'), 'where revision 0 follows'],
    ];
    for (const [at, body, why] of faults) {
      const source = sampleLog(sampleBodies(20).with(at, body));
      const path = copyName();
      await writeBundle(path, { source, schemas: Buffer.from(''), created: '2026-03-04T05:06:07Z' });
      const verdict = await verifyBundle(path, { verifierKey: source.key });
      expect(verdict).toMatchObject({ verified: false, finding: { code: 'ENTRY_MALFORMED', position: BigInt(at), message: expect.stringContaining(why) } });
    }
  });
});

describe('tiles', () => {
  it.each(['tile/0/000', 'tile/0/001', 'tile/0/002.p/188', 'tile/1/000.p/2'])('with a flipped byte are refused: %s', async (name) => {
    expect(await verdictOf(change(name, (bytes) => flipped(bytes)))).toMatchObject({ verified: false, finding: { code: 'TILE_CHANGED' } });
  });

  it('that were made again for another story do not make the signed root', async () => {
    const other = new MerkleTree();
    for (const body of bodies.with(3, sampleBody(3, 0, 'another story'))) other.append(hashLeaf(body));
    const [first, above] = await other.tiles([{ level: 0, index: 0n, width: 256 }, { level: 1, index: 0n, width: 2 }]);
    const verdict = await verdictOf((files) => {
      editEntries(files, 'tile/entries/000', (entries) => entries.with(3, Buffer.from(sampleBody(3, 0, 'another story'))));
      files.set('tile/0/000', Buffer.from(first!)).set('tile/1/000.p/2', Buffer.from(above!.subarray(0, 64)));
    });
    expect(verdict).toMatchObject({ finding: { code: 'TILE_CHANGED' } });
  });

  it.each(['tile/0/001', 'tile/1/000.p/2', FULL, 'checkpoint', 'keys/log', 'bundle.json'])('and other files that are missing are named: %s', async (name) => {
    expect(await verdictOf((files) => files.delete(name))).toMatchObject({ verified: false, finding: { code: 'NOT_A_BUNDLE', file: name } });
  });

  it('that are too short are refused', async () => {
    expect(await verdictOf(change('tile/0/001', (bytes) => bytes.subarray(0, -32)))).toMatchObject({ finding: { code: 'TILE_CHANGED' } });
  });
});

describe('the signed files', () => {
  it('refuse every flipped byte of the checkpoint', async () => {
    const { length } = Buffer.from(log.note());
    for (let at = 0; at < length; at += 7) {
      expect(await verdictOf(change('checkpoint', (bytes) => flipped(bytes, at))), `byte ${at}`).toMatchObject({ verified: false, finding: { file: 'checkpoint' } });
    }
  });

  it('refuse every flipped byte of the key, also when nobody gave another', async () => {
    for (let at = 0; at < log.key.length; at += 5) {
      for (const key of [log.key, undefined]) {
        const verdict = await verdictOf(change('keys/log', (bytes) => flipped(bytes, at)), key);
        expect(verdict, `byte ${at}`).toMatchObject({ verified: false, finding: { code: expect.stringMatching(/UNTRUSTED|DAMAGED/) } });
      }
    }
  });

  it('refuse an earlier checkpoint under the name of another size, and one that was changed', async () => {
    const moved = (files: Map<string, Buffer>) => void files.set('earlier-checkpoints/200', files.get('earlier-checkpoints/100')!);
    expect(await verdictOf(moved)).toMatchObject({ finding: { code: 'UNTRUSTED', file: 'earlier-checkpoints/200' } });
    expect(await verdictOf(change('earlier-checkpoints/100', (bytes) => flipped(bytes, 20)))).toMatchObject({ finding: { code: 'UNTRUSTED' } });
  });

  it('are what bundle.json must agree with', async () => {
    const edit = (from: string, to: string) => verdictOf(change('bundle.json', (bytes) => Buffer.from(bytes.toString().replace(from, to))));
    expect(await edit('log.example', 'log.evil')).toMatchObject({ finding: { code: 'UNTRUSTED' } });
    for (const [from, to] of [['"size": "700"', '"size": "699"'], ['cairn-audit/1', 'cairn-audit/2'], ['"0"', '"-1"'], ['"0"', '"700"'], ['{', '']] as const) {
      expect(await edit(from, to)).toMatchObject({ verified: false, finding: { code: 'NOT_A_BUNDLE' } });
    }
  });
});

describe('the ZIP file', () => {
  it('with a file that does not belong is refused', async () => {
    for (const name of ['extra.txt', 'tile/0/003', 'tile/0/001.p/5', 'tile/entries/003', 'tile/4/000', 'tile/0/x000/001', 'keys/other', 'Checkpoint']) {
      expect(await verdictOf((files) => files.set(name, Buffer.from('x')))).toMatchObject({ verified: false, finding: { file: name } });
    }
  });

  it('with two files of one name is refused, whichever of them is the good one', async () => {
    const files = await filesOf(whole);
    for (const name of ['checkpoint', FULL]) {
      const path = copyName();
      await zipOf(path, [...files, [name, flipped(files.get(name)!)]]);
      expect(await verifyBundle(path)).toMatchObject({ verified: false, finding: { code: 'NOT_A_BUNDLE', file: name } });
    }
  });

  it('that would inflate to more than its files can be is refused before it is inflated', async () => {
    for (const name of ['checkpoint', 'bundle.json', 'tile/0/001', FULL]) {
      const bomb = await verdictOf((files) => files.set(name, Buffer.alloc(64 * 1024 * 1024)));
      expect(bomb).toMatchObject({ verified: false, finding: { code: 'TOO_LARGE', file: name } });
    }
  });

  it('that lies about the size of a file is refused', async () => {
    const path = copyName();
    await forge(whole, path, (files) => files.set('checkpoint', Buffer.alloc(1024 * 1024)));
    const bytes = readFileSync(path);
    const lie = Buffer.alloc(4);
    lie.writeUInt32LE(100);
    // The size stands 24 bytes behind the beginning of the central directory's record, and the name at 46.
    for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 4)) {
      if (bytes.subarray(at + 46, at + 56).toString() === 'checkpoint') lie.copy(bytes, at + 24);
    }
    writeFileSync(path, bytes);
    expect(await verifyBundle(path)).toMatchObject({ verified: false, finding: { code: 'DAMAGED', file: 'checkpoint' } });
  });

  it('with a flipped byte anywhere is refused, or is the same bundle still', async () => {
    const bytes = readFileSync(whole);
    const path = copyName();
    for (let at = 3; at < bytes.length; at += 997) {
      writeFileSync(path, flipped(bytes, at));
      const { verified } = await verifyBundle(path, { verifierKey: log.key });
      // What is not looked at: times and attributes of files.
      if (verified) expect(await sameContent(path), `byte ${at}`).toBe(true);
    }
  });

  async function sameContent(path: string): Promise<boolean> {
    const [one, other] = [await filesOf(path), await filesOf(whole)];
    return [...other].every(([name, content]) => one.get(name)?.equals(content));
  }
});
