import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashLeaf } from './hash.js';
import { generateKey, parseSigner } from './key.js';
import { MerkleTree } from './merkle-tree.js';
import { signCheckpoint } from './checkpoint.js';
import { tilesByPath } from './tile-source.js';
import { verifyCopy } from './verify-copy.js';
import { verifyLog, type LogEntry } from './verify-log.js';

const SIZE = 700;
const entries: LogEntry[] = Array.from({ length: SIZE + 20 }, (_, index) => ({ position: BigInt(index), body: `{"event":${index}}` }));
const tree = treeOf(entries.slice(0, SIZE).map(({ body }) => body));
const checkpoint = { origin: 'log.example', size: BigInt(SIZE), root: tree.root() };

function treeOf(bodies: readonly string[]): MerkleTree {
  const built = new MerkleTree();
  for (const body of bodies) built.append(hashLeaf(body));
  return built;
}

async function* inBatches(of: readonly LogEntry[], batch = 100): AsyncGenerator<readonly LogEntry[]> {
  for (let at = 0; at < of.length; at += batch) yield of.slice(at, at + batch);
}

const changed = (at: number): LogEntry[] => entries.map((entry, index) => (index === at ? { ...entry, body: `${entry.body} ` } : entry));

describe('verifyLog', () => {
  it('verifies an untouched log, and looks at nothing beyond the checkpoint', async () => {
    expect(await verifyLog(inBatches(entries), checkpoint, tree)).toEqual({ verified: true, entriesVerified: true, tilesVerified: true, size: 700n, root: tree.root() });
    expect(await verifyLog(inBatches(entries), checkpoint)).toEqual({ verified: true, entriesVerified: true, size: 700n, root: tree.root() });
    expect(await verifyLog(inBatches(changed(SIZE + 3)), checkpoint, tree)).toMatchObject({ verified: true });
  });

  it('verifies the empty log', async () => {
    expect(await verifyLog(inBatches([]), { ...checkpoint, size: 0n, root: new MerkleTree().root() }, tree)).toMatchObject({ verified: true });
  });

  it('names the changed position, wherever it lies and however the log is read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(SIZE - 1), fc.integer({ min: 1, max: 900 }), async (at, batch) => {
        expect(await verifyLog(inBatches(changed(at), batch), checkpoint, tree)).toMatchObject({
          verified: false,
          firstBadPosition: BigInt(at),
          finding: 'CHANGED',
          entriesVerified: false,
          tilesVerified: true,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('names the first of several', async () => {
    const twice = changed(600).map((entry, index) => (index === 42 ? { ...entry, body: '' } : entry));
    expect(await verifyLog(inBatches(twice), checkpoint, tree)).toMatchObject({ firstBadPosition: 42n });
  });

  it('lets others have a turn between large entries of one batch', async () => {
    const large = Array.from({ length: 8 }, (_, at) => ({ position: BigInt(at), body: `${at}`.repeat(1024 * 1024) }));
    const built = treeOf(large.map(({ body }) => body));
    let [turns, isOver] = [0, false];
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    expect(await verifyLog(inBatches(large), { ...checkpoint, size: 8n, root: built.root() })).toMatchObject({ verified: true });
    isOver = true;
    expect(turns).toBeGreaterThan(large.length / 2);
  });

  it('sees a dropped tail, a removed, a swapped and a repeated entry', async () => {
    const swapped = entries.toSpliced(10, 2, { ...entries[10]!, body: entries[11]!.body }, { ...entries[11]!, body: entries[10]!.body });
    expect(await verifyLog(inBatches(entries.slice(0, 650)), checkpoint, tree)).toMatchObject({ verified: false, firstBadPosition: 650n, finding: 'MISSING' });
    expect(await verifyLog(inBatches(entries.toSpliced(5, 1)), checkpoint, tree)).toMatchObject({ verified: false, firstBadPosition: 5n, finding: 'OUT_OF_ORDER' });
    expect(await verifyLog(inBatches(entries.toSpliced(6, 0, entries[5]!)), checkpoint, tree)).toMatchObject({ firstBadPosition: 6n, finding: 'OUT_OF_ORDER' });
    expect(await verifyLog(inBatches(swapped), checkpoint, tree)).toMatchObject({ firstBadPosition: 10n, finding: 'CHANGED' });
  });

  it('says that the place is not certain when the tiles were falsified too', async () => {
    const falsified = treeOf(changed(9).slice(0, SIZE).map(({ body }) => body));
    expect(await verifyLog(inBatches(changed(9)), checkpoint, falsified)).toEqual({
      verified: false,
      entriesVerified: false,
      tilesVerified: false,
      size: 700n,
      root: falsified.root(),
    });
    expect(await verifyLog(inBatches(changed(9)), checkpoint, { tiles: async (ids) => ids.map(() => undefined) })).toMatchObject({
      tilesVerified: false,
      badTile: { path: 'tile/0/000', finding: 'TILE_MISSING' },
    });
    expect((await verifyLog(inBatches(changed(9)), checkpoint)).firstBadPosition).toBeUndefined();
  });
});

describe('verifyCopy', () => {
  const keys = generateKey(checkpoint.origin);
  const evidence = { checkpoint: signCheckpoint(checkpoint, parseSigner(keys.signingKey)), verifierKey: keys.verifierKey, tiles: tree };
  const copy = entries.map(({ position, body }) => JSON.stringify({ position: String(position), body }));

  async function* lines(of: readonly string[]): AsyncGenerator<string> {
    yield* of;
  }

  it('verifies an exported copy with nothing but the copy, the note, the key and the tiles', async () => {
    expect(await verifyCopy(lines(copy), evidence)).toMatchObject({ verified: true, size: 700n });
  });

  it('names the event in which one bit was flipped, also where the line is no JSON any more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(SIZE - 1), fc.nat(), fc.nat(6), async (at, byte, bit) => {
        const bytes = Buffer.from(copy[at]!, 'latin1');
        const offset = byte % bytes.length;
        bytes[offset] = bytes[offset]! ^ (1 << bit);
        const flipped = bytes.toString('latin1');
        fc.pre(!flipped.includes('\n'));
        const verdict = await verifyCopy(lines(copy.toSpliced(at, 1, flipped)), evidence);
        // A flip inside the key of a field or the spacing may leave the event as it was; then the copy is as good as before.
        if (!verdict.verified) expect(verdict.firstBadPosition).toBe(BigInt(at));
        expect(verdict.verified).toBe(sameEvent(flipped, copy[at]!));
      }),
      { numRuns: 60 },
    );
  });

  it('does not trust evidence that the log did not sign', async () => {
    await expect(verifyCopy(lines(copy), { ...evidence, verifierKey: generateKey(checkpoint.origin).verifierKey })).rejects.toMatchObject({ code: 'UNTRUSTED' });
  });

  it('reads tiles by their paths, full ones where partial ones are gone', async () => {
    const asked: string[] = [];
    const source = tilesByPath(async (path) => {
      asked.push(path);
      return path.includes('.p/') ? undefined : (await tree.tiles([{ level: 0, index: 2n, width: 188 }]))[0];
    });
    await source.tiles([{ level: 0, index: 2n, width: 188 }]);
    expect(asked).toEqual(['tile/0/002.p/188', 'tile/0/002']);
  });
});

function sameEvent(line: string, original: string): boolean {
  try {
    const [one, other] = [JSON.parse(line), JSON.parse(original)] as { position: unknown; body: unknown }[];
    return one?.position === other?.position && one?.body === other?.body;
  } catch {
    return false;
  }
}
