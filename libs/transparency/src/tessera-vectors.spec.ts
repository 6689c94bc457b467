import { describe, expect, it } from 'vitest';
import { openCheckpoint } from './checkpoint.js';
import { decodeEntries } from './entries.js';
import { hashLeaf } from './hash.js';
import { parseVerifier } from './key.js';
import { consistencyProofFrom, inclusionProofFrom, rootFrom } from './proof.js';
import { formatReceipt, verifyReceipt } from './receipt.js';
import { bytesOf, readVectors } from './testing/read-vectors.js';
import { tilesByPath } from './tile-source.js';
import { TileWriter } from './tile-writer.js';
import { entriesPath, tilePath } from './tile.js';
import { verifyConsistency } from './verify.js';

const log = readVectors('tessera-log') as { verifierKey: string; checkpoints: string[]; files: Record<string, string> };
const verifier = parseVerifier(log.verifierKey);
const checkpoints = log.checkpoints.map((note) => openCheckpoint(note, verifier));
const fileAt = (path: string): Uint8Array | undefined => {
  const base64 = log.files[path];
  return base64 === undefined ? undefined : bytesOf(base64);
};
const tiles = tilesByPath(async (path) => fileAt(path));
const entries = decodeEntries(fileAt(entriesPath({ index: 0n, width: 15 }))!);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const SIZES = checkpoints.slice(1).map(({ size }) => size);

describe('the log of transparency-dev/tessera', () => {
  it('has sixteen signed checkpoints, one per size', () => {
    expect(checkpoints.map(({ size }) => size)).toEqual(Array.from({ length: 16 }, (_, size) => BigInt(size)));
    expect(entries.map((entry) => Buffer.from(entry).toString()).slice(0, 3)).toEqual(['one', 'two', 'three']);
  });

  it.each(SIZES)('has at size %s the root, the tile and the entries that its checkpoint signs', async (size) => {
    const width = Number(size);
    const writer = new TileWriter();
    for (const entry of decodeEntries(fileAt(entriesPath({ index: 0n, width }))!)) writer.append(hashLeaf(entry));
    expect(hex(writer.root())).toBe(hex(checkpoints[width]!.root));
    expect(hex(writer.takeTiles()[0]!.hashes)).toBe(hex(fileAt(tilePath({ level: 0, index: 0n, width }))!));
    expect(hex(await rootFrom(tiles, size))).toBe(hex(checkpoints[width]!.root));
  });

  it('is consistent between any two checkpoints, and with none whose root is another', async () => {
    for (const from of checkpoints) {
      for (const to of checkpoints.filter(({ size }) => size >= from.size)) {
        const proof = await consistencyProofFrom(tiles, from.size, to.size);
        const claim = { from: from.size, fromRoot: from.root, to: to.size, toRoot: to.root, proof };
        expect(verifyConsistency(claim)).toBe(true);
        // The empty tree is the beginning of any.
        if (from.size > 0n) expect(verifyConsistency({ ...claim, toRoot: hashLeaf('another') })).toBe(false);
      }
    }
  });

  it('gives a receipt for every entry at every size, and none that holds for another entry', async () => {
    for (const { size } of checkpoints.slice(1)) {
      for (let index = 0n; index < size; index += 1n) {
        const receipt = formatReceipt({ index, proof: await inclusionProofFrom(tiles, index, size), checkpoint: log.checkpoints[Number(size)]! });
        expect(verifyReceipt(receipt, { entry: entries[Number(index)]!, logs: [verifier] })).toMatchObject({ index, checkpoint: { size } });
        expect(() => verifyReceipt(receipt, { entry: 'another', logs: [verifier] })).toThrow('does not prove');
      }
    }
  });
});
