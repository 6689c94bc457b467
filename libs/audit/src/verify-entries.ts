import { decodeEntries, entriesPath, hashAt, hashLeaf, sameHash, TILE_WIDTH, TileWriter, TransparencyError } from '@cairn/transparency';
import type { AuthenticatedTiles } from './authenticated-tiles.js';
import type { BundleFile } from './bundle-file.js';
import { readEnvelope, StreamRevisions } from './envelope.js';
import { refused } from './finding.js';
import { entryTiles, type BundleScope } from './layout.js';

export interface EntriesVerified {
  /** Positions that were looked at: those of whole tiles, so it may be more than was asked for. */
  readonly from: bigint;
  readonly to: bigint;
  /** Computed from the entries alone; undefined unless the bundle holds all of them. */
  readonly root?: Uint8Array;
}

/** Hashes every entry and compares it with its place in the tree. Throws BundleRefused at the first bad position. Memory: one bundle of entries at a time. */
export async function verifyEntries(file: BundleFile, tiles: AuthenticatedTiles, scope: BundleScope): Promise<EntriesVerified> {
  const isWhole = scope.from === 0n && scope.to === scope.size;
  const revisions = new StreamRevisions(scope.from < BigInt(TILE_WIDTH));
  const writer = new TileWriter();
  const first = (scope.from / BigInt(TILE_WIDTH)) * BigInt(TILE_WIDTH);
  let position = first;
  for (const { index, width } of entryTiles(scope)) {
    const name = entriesPath({ index, width });
    const hashes = await tiles.tile(0, index);
    await file.readThen(name, (bytes) => {
      const { entries, cut } = decoded(bytes);
      for (let offset = 0; offset < width; offset += 1) {
        const entry = entries[offset];
        if (entry === undefined) throw refused('ENTRY_MISSING', `The entry at position ${position} is missing${cut ? ', or was cut' : ''}.`, { file: name, position });
        const leaf = hashLeaf(entry);
        if (!sameHash(leaf, hashAt(hashes, offset))) {
          throw refused('ENTRY_CHANGED', `The entry at position ${position} is not the one that the log committed to.`, { file: name, position });
        }
        const envelope = readEnvelope(textOf(entry));
        const fault = typeof envelope === 'string' ? envelope : revisions.check(envelope);
        if (fault !== undefined) throw refused('ENTRY_MALFORMED', `The entry at position ${position} was committed to, but is no sound event. ${fault}`, { file: name, position });
        if (isWhole) writer.append(leaf);
        position += 1n;
      }
      if (cut || entries.length > width) {
        throw refused('ENTRY_CHANGED', `There is more than the ${width} entries of the tile, from position ${position} on.`, { file: name, position });
      }
    });
    writer.takeTiles();
  }
  return { from: first, to: position, ...(isWhole && { root: writer.root() }) };
}

/** As many entries as can be told apart, so that the bad one has a position. */
function decoded(bytes: Buffer): { entries: readonly Uint8Array[]; cut: boolean } {
  try {
    return { entries: decodeEntries(bytes), cut: false };
  } catch (error) {
    if (!(error instanceof TransparencyError)) throw error;
  }
  const entries: Uint8Array[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) break;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return { entries, cut: true };
}

/** Bytes that are no UTF-8 become another text, which is then not canonical: no canonical JSON has a replacement character that was not written. */
function textOf(entry: Uint8Array): string {
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength);
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : '';
}
