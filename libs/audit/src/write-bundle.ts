import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  decodeEntries,
  encodeEntries,
  entriesPath,
  HASH_BYTES,
  openCheckpoint,
  parseVerifier,
  TILE_WIDTH,
  tilePath,
  TransparencyError,
  type Checkpoint,
  type TileId,
} from '@cairn/transparency';
import { ZipFile } from 'yazl';
import { AuditError } from './errors.js';
import { countFiles, earlierName, entryTiles, hashTiles, MAX_EARLIER_CHECKPOINTS, MAX_FILES, names, type BundleScope } from './layout.js';
import { formatManifest, type Manifest } from './manifest.js';
import { readmeOf } from './readme.js';

/** The log as it is served: all it has to know are the paths of C2SP tlog-tiles. */
export interface LogSource {
  /** The signed note, cosignatures included. */
  checkpoint(): Promise<string>;
  /** The log's verifier key, as text. */
  verifierKey(): Promise<string>;
  /** Content of `tile/…`; undefined when the log has no such tile. A full tile may stand where a partial one was. */
  tile(path: string): Promise<Uint8Array | undefined>;
}

export interface BundleRequest {
  readonly source: LogSource;
  /** First position; by default 0. */
  readonly from?: bigint;
  /** Behind the last position; by default the size of the checkpoint. */
  readonly to?: bigint;
  /** Signed notes of the same log, none larger than its checkpoint now. */
  readonly earlierCheckpoints?: readonly string[];
  /** C2SP tlog-policy. */
  readonly policy?: string;
  /** Descriptor set of the events. */
  readonly schemas: Uint8Array;
  /** RFC 3339 UTC; also the time of every file in the ZIP, so that the same log gives the same bytes. */
  readonly created: string;
}

/** -rw-r--r-- of a usual file. */
const FILE_MODE = 0o100644;

/**
 * Writes a bundle: fetched and written file by file, so memory does not grow with the range. The file appears under its name when it is complete and on disk. Throws AuditError
 * RANGE_UNUSABLE, EVIDENCE_UNUSABLE or LOG_UNUSABLE; then there is no file.
 */
export async function writeBundle(path: string, request: BundleRequest): Promise<Manifest> {
  const plan = await planOf(request);
  const temporary = `${path}.${process.pid}.tmp`;
  const zip = new ZipFile();
  const failed = new AbortController();
  zip.on('error', (error: unknown) => failed.abort(error));
  addFiles(zip, plan, request);
  try {
    await pipeline(Readable.from(zip.outputStream), createWriteStream(temporary, { flags: 'wx', flush: true }), { signal: failed.signal });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw failed.signal.aborted ? failed.signal.reason : error;
  }
  await syncFolder(dirname(path));
  return plan.manifest;
}

interface Plan {
  readonly manifest: Manifest;
  readonly scope: BundleScope;
  readonly note: string;
  readonly key: string;
  readonly earlier: ReadonlyMap<bigint, string>;
}

async function planOf({ source, from = 0n, to, earlierCheckpoints = [], created }: BundleRequest): Promise<Plan> {
  const [key, note] = [(await source.verifierKey()).trim(), await source.checkpoint()];
  const { origin, size } = opened(note, key, 'LOG_UNUSABLE', 'The log’s checkpoint is not signed by its key.');
  const end = to ?? size;
  if (from < 0n || from >= end || end > size) {
    throw new AuditError('RANGE_UNUSABLE', `The signed checkpoint covers ${size} events: there is no range from ${from} to ${end}.`);
  }
  if (earlierCheckpoints.length > MAX_EARLIER_CHECKPOINTS) throw new AuditError('RANGE_UNUSABLE', `A bundle holds at most ${MAX_EARLIER_CHECKPOINTS} earlier checkpoints.`);
  const earlier = new Map<bigint, string>();
  for (const text of earlierCheckpoints) {
    const checkpoint = opened(text, key, 'EVIDENCE_UNUSABLE', 'An earlier checkpoint is not signed by the log’s key.');
    if (checkpoint.size > size) throw new AuditError('EVIDENCE_UNUSABLE', `The checkpoint over ${checkpoint.size} events is later than the log’s, which covers ${size}.`);
    earlier.set(checkpoint.size, text);
  }
  const scope = { from, to: end, size, earlierSizes: [...earlier.keys()].sort((a, b) => (a < b ? -1 : 1)) };
  if (countFiles(scope) > BigInt(MAX_FILES)) throw new AuditError('RANGE_UNUSABLE', `The range needs more than ${MAX_FILES} files: make several bundles, of a part each.`);
  return { manifest: { origin, from, to: end, size, created }, scope, note, key, earlier };
}

function addFiles(zip: ZipFile, { manifest, scope, note, key, earlier }: Plan, { source, policy, schemas, created }: BundleRequest): void {
  const options = { mtime: new Date(created), mode: FILE_MODE };
  const addText = (name: string, text: string): void => zip.addBuffer(Buffer.from(text, 'utf8'), name, options);
  addText(names.readme, readmeOf(manifest));
  addText(names.manifest, formatManifest(manifest));
  addText(names.checkpoint, note);
  addText(names.key, `${key}\n`);
  if (policy !== undefined) addText(names.policy, policy);
  for (const size of scope.earlierSizes) addText(earlierName(size), earlier.get(size) ?? '');
  zip.addBuffer(Buffer.from(schemas), names.schemas, options);
  // Each is fetched when its turn comes. Hashes do not compress.
  const addLater = (name: string, compress: boolean, fetch: () => Promise<Uint8Array>): void =>
    zip.addReadStreamLazy(name, { ...options, compress }, (give) => {
      fetch().then(
        (bytes) => give(null, Readable.from([bytes])),
        (error: unknown) => give(error, Readable.from([])),
      );
    });
  for (const id of hashTiles(scope)) addLater(tilePath(id), false, () => fetchHashes(source, id));
  for (const id of entryTiles(scope)) addLater(entriesPath(id), true, () => fetchEntries(source, id));
  zip.end();
}

async function fetchHashes(source: LogSource, id: TileId): Promise<Uint8Array> {
  const hashes = await fetched(source, id, tilePath);
  if (hashes.length < id.width * HASH_BYTES) throw new AuditError('LOG_UNUSABLE', `The log’s ${tilePath(id)} is narrower than its name says.`);
  return hashes.subarray(0, id.width * HASH_BYTES);
}

async function fetchEntries(source: LogSource, id: Omit<TileId, 'level'>): Promise<Uint8Array> {
  const bundle = await fetched(source, id, entriesPath);
  try {
    const entries = decodeEntries(bundle);
    return entries.length > id.width ? encodeEntries(entries.slice(0, id.width)) : bundle;
  } catch (cause) {
    throw new AuditError('LOG_UNUSABLE', `The log’s ${entriesPath(id)} can not be read.`, { cause });
  }
}

/** A partial tile may have been replaced by the full one, whose beginning it is. */
async function fetched<Id extends Omit<TileId, 'level'>>(source: LogSource, id: Id, pathOf: (id: Id) => string): Promise<Uint8Array> {
  const bytes = (await source.tile(pathOf(id))) ?? (id.width < TILE_WIDTH ? await source.tile(pathOf({ ...id, width: TILE_WIDTH })) : undefined);
  if (bytes === undefined) throw new AuditError('LOG_UNUSABLE', `The log does not serve ${pathOf(id)}, which its checkpoint covers.`);
  return bytes;
}

function opened(note: string, key: string, code: 'LOG_UNUSABLE' | 'EVIDENCE_UNUSABLE', sentence: string): Checkpoint {
  try {
    return openCheckpoint(note, parseVerifier(key));
  } catch (cause) {
    if (!(cause instanceof TransparencyError)) throw cause;
    throw new AuditError(code, `${sentence} ${cause.message}`, { cause });
  }
}

/** A name in a folder is on disk only when the folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
