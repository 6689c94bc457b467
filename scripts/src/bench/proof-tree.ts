import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  consistencyProofFrom,
  hashLeaf,
  inclusionProofFrom,
  rootFrom,
  tilePath,
  tileWidth,
  TileWriter,
  verifyConsistency,
  verifyInclusion,
  type TileSource,
} from '@cairn/transparency';
import { median } from './measure.js';

export const LEAVES = 2_000_000;
const PROOFS = 400;
/** A prime far from a power of two: its multiples reach every part of the tree. */
const STRIDE = 1_299_709;
const TAKE_EVERY = 10_000;

export interface ProofTimes {
  readonly buildSeconds: number;
  readonly inclusionMs: number;
  readonly consistencyMs: number;
  readonly verifyInclusionMs: number;
  readonly verifyConsistencyMs: number;
  /** In a proof of inclusion. */
  readonly hashes: number;
}

/** Proofs over two million leaves whose tiles lie as files in a folder, each read again for every proof; every proof is verified. */
export async function measureProofs(folder: string): Promise<ProofTimes> {
  const startedAtMs = performance.now();
  buildTree(folder);
  const buildSeconds = (performance.now() - startedAtMs) / 1_000;
  const size = BigInt(LEAVES);
  const source = tilesIn(folder, size);
  const root = await rootFrom(source, size);
  const [inclusion, verifyIn] = [[] as number[], [] as number[]];
  const [consistency, verifyCon] = [[] as number[], [] as number[]];
  let hashes = 0;
  for (let proofs = 1; proofs <= PROOFS; proofs += 1) {
    const index = BigInt((proofs * STRIDE) % LEAVES);
    const proof = await timed(inclusion, () => inclusionProofFrom(source, index, size));
    demand(await timed(verifyIn, () => verifyInclusion({ leaf: leafOf(Number(index)), index, size, root, proof })));
    hashes = Math.max(hashes, proof.length);
    const from = index + 1n;
    const fromRoot = await rootFrom(source, from);
    const between = await timed(consistency, () => consistencyProofFrom(source, from, size));
    demand(await timed(verifyCon, () => verifyConsistency({ from, fromRoot, to: size, toRoot: root, proof: between })));
  }
  const [inclusionMs, consistencyMs, verifyInclusionMs, verifyConsistencyMs] = [inclusion, consistency, verifyIn, verifyCon].map(median) as [number, number, number, number];
  return { buildSeconds, inclusionMs, consistencyMs, verifyInclusionMs, verifyConsistencyMs, hashes };
}

function buildTree(folder: string): void {
  const writer = new TileWriter();
  const made = new Set<string>();
  for (let leaf = 0; leaf < LEAVES; leaf += 1) {
    writer.append(leafOf(leaf));
    if (leaf % TAKE_EVERY === TAKE_EVERY - 1 || leaf === LEAVES - 1) keepTiles(folder, writer, made);
  }
}

function keepTiles(folder: string, writer: TileWriter, made: Set<string>): void {
  for (const tile of writer.takeTiles()) {
    const path = join(folder, tilePath(tile));
    if (!made.has(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    made.add(dirname(path));
    writeFileSync(path, tile.hashes);
  }
}

/** Every tile as wide as it is now: one that grew meanwhile serves proofs of smaller trees too. */
function tilesIn(folder: string, size: bigint): TileSource {
  return {
    tiles: (ids) =>
      Promise.all(ids.map(({ level, index }) => readFile(join(folder, tilePath({ level, index, width: tileWidth(level, index, size) }))).catch(() => undefined))),
  };
}

function leafOf(index: number): Uint8Array {
  return hashLeaf(`leaf ${index}`);
}

async function timed<T>(times: number[], work: () => T | Promise<T>): Promise<T> {
  const startedAtMs = performance.now();
  const result = await work();
  times.push(performance.now() - startedAtMs);
  return result;
}

function demand(valid: boolean): void {
  if (!valid) throw new RangeError('a proof of the benchmark does not verify');
}

