import { createHash } from 'node:crypto';
import {
  cosignature,
  cosignatureAt,
  encodeEntries,
  generateKey,
  hashLeaf,
  HASH_BYTES,
  MerkleTree,
  parseSigner,
  parseTilePath,
  signCheckpoint,
  TILE_WIDTH,
  tileWidth,
  type NoteSigner,
} from '@cairn/transparency';
import type { LogSource } from '../write-bundle.js';

export const ORIGIN = 'log.example/audit';

/** A witness with a key of its own, as C2SP tlog-cosignature has it. */
export interface SampleWitness {
  readonly verifierKey: string;
  /** `time` in seconds since 1970. */
  signer(time: bigint): NoteSigner;
}

/** A log in memory, served as tiles. */
export interface SampleLog extends LogSource {
  readonly bodies: readonly string[];
  readonly tree: MerkleTree;
  readonly key: string;
  /** Signed over the first `size` events, and by these besides. */
  note(size?: bigint, ...cosigners: readonly NoteSigner[]): string;
}

export function sampleBody(stream: number, revision: number, about: string): string {
  const id = createHash('sha256').update(`${stream}/${revision}`).digest('hex');
  const uuid = `${id.slice(0, 8)}-${id.slice(8, 12)}-4000-8000-${id.slice(12, 24)}`;
  return (
    `{"actor":"alice","correlationid":"c","data":{"about":${JSON.stringify(about)},"share":0.25},"id":"${uuid}",` +
    `"revision":"${revision}","source":"/sample","specversion":"1.0","subject":"thing-${stream}",` +
    `"time":"2026-01-02T03:04:05.000006Z","type":"cairn.sample.v1.Seen","workspace":"default"}`
  );
}

/** So many events, in turn over seven streams. */
export function sampleBodies(size: number): string[] {
  return Array.from({ length: size }, (_, position) => sampleBody(position % 7, Math.floor(position / 7), `event ${position} – “čtvrt”`));
}

export function sampleLog(bodies: readonly string[], cosigners: readonly NoteSigner[] = []): SampleLog {
  const keys = generateKey(ORIGIN);
  const signer = parseSigner(keys.signingKey);
  const tree = new MerkleTree();
  for (const body of bodies) tree.append(hashLeaf(body));
  const note: SampleLog['note'] = (size = tree.size, ...others) => signCheckpoint({ origin: ORIGIN, size, root: tree.root(size) }, signer, ...others);
  const own = note(tree.size, ...cosigners);
  return {
    bodies,
    tree,
    note,
    key: keys.verifierKey,
    checkpoint: async () => own,
    verifierKey: async () => keys.verifierKey,
    async tile(path) {
      const id = parseTilePath(path);
      if (tileWidth(id.kind === 'entries' ? 0 : id.level, id.index, tree.size) < id.width) return undefined;
      const first = Number(id.index) * TILE_WIDTH;
      if (id.kind === 'entries') return encodeEntries(bodies.slice(first, first + id.width).map((body) => Buffer.from(body, 'utf8')));
      const [hashes] = await tree.tiles([id]);
      return hashes?.subarray(0, id.width * HASH_BYTES);
    },
  };
}

export function sampleWitness(name: string): SampleWitness {
  const { signingKey, verifierKey } = generateKey(name, cosignature);
  return { verifierKey, signer: (time) => parseSigner(signingKey, [cosignatureAt(() => time)]) };
}
