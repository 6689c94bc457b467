import { openCheckpoint, parsePolicy, parseVerifier, rootFrom, sameHash, TransparencyError, type Checkpoint, type NoteVerifier, type Policy } from '@cairn/transparency';
import { AuthenticatedTiles } from './authenticated-tiles.js';
import { BundleFile } from './bundle-file.js';
import { cosignedBy } from './cosigned.js';
import { AuditError } from './errors.js';
import { BundleRefused, refused, type Finding } from './finding.js';
import { belongs, countFiles, earlierName, earlierSizeOf, hashTiles, MAX_EARLIER_CHECKPOINTS, MAX_FILES, names, type BundleScope } from './layout.js';
import { parseManifest, type Manifest } from './manifest.js';
import { openQuestions } from './statements.js';
import { verifyEntries } from './verify-entries.js';

/** What the auditor has from elsewhere; the more of it, the more is proved. */
export interface Evidence {
  /** Verifier key of the log, as text. */
  readonly verifierKey?: string;
  /** A signed checkpoint of the same log, earlier or of the same size. */
  readonly checkpoint?: string;
  /** C2SP tlog-policy. The bundle's own policy is shown, never trusted. */
  readonly policy?: string;
}

export interface BundleVerdict {
  readonly verified: boolean;
  readonly manifest?: Manifest;
  /** As signed. */
  readonly root?: Uint8Array;
  /** In words, in the order in which it was proved; also what was proved before a finding ended the verification. */
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
  readonly finding?: Finding;
}

/**
 * Verifies an audit bundle with nothing but the file and the evidence: no network, no server. Ends at the first finding. Throws AuditError when the file can't be read, when
 * the evidence is unusable, and NOT_COVERED when the bundle doesn't hold what `evidence.checkpoint` needs.
 */
export async function verifyBundle(path: string, evidence: Evidence = {}): Promise<BundleVerdict> {
  const given = readEvidence(evidence);
  const verification = new Verification(given, evidence.checkpoint);
  try {
    const file = await BundleFile.open(path);
    try {
      await verification.run(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof BundleRefused) return verification.verdict(error.finding);
    throw error;
  }
  return verification.verdict();
}

interface GivenEvidence {
  readonly key: NoteVerifier | undefined;
  readonly keyText: string | undefined;
  readonly policy: Policy | undefined;
}

class Verification {
  private readonly proved: string[] = [];
  private manifest: Manifest | undefined;
  private checkpoint: Checkpoint | undefined;

  constructor(
    private readonly given: GivenEvidence,
    private readonly otherCheckpoint: string | undefined,
  ) {}

  verdict(finding?: Finding): BundleVerdict {
    const { manifest, checkpoint, proved, given } = this;
    const notProved = manifest === undefined ? [] : openQuestions(manifest, { keyGiven: given.key !== undefined, policyGiven: given.policy !== undefined });
    const nothing = finding === undefined ? [] : ['Anything beyond what is listed as proved: the verification ended at the first finding.'];
    return {
      verified: finding === undefined,
      ...(manifest && { manifest }),
      ...(checkpoint && { root: Buffer.from(checkpoint.root) }),
      proved,
      notProved: [...nothing, ...notProved],
      ...(finding && { finding }),
    };
  }

  async run(file: BundleFile): Promise<void> {
    const manifest = await this.readManifest(file);
    const scope = scopeOf(file, manifest);
    // They prove nothing, but a damaged one must not be read as if it were whole.
    for (const name of [names.readme, names.schemas]) await file.read(name);
    await file.readIfThere(names.policy);
    const key = await this.keyOf(file);
    const note = await file.text(names.checkpoint);
    const checkpoint = opened(note, key, names.checkpoint);
    if (checkpoint.origin !== manifest.origin || checkpoint.size !== manifest.size) {
      throw refused('UNTRUSTED', `${names.manifest} speaks of another log or size than the signed checkpoint.`, { file: names.manifest });
    }
    this.checkpoint = checkpoint;
    const source = this.given.key === undefined ? 'that came with the bundle' : 'that you gave';
    this.proved.push(`The checkpoint of ${checkpoint.origin} over ${checkpoint.size} events is signed by the key ${hex(key.keyId)} ${source}.`);
    if (this.given.policy !== undefined) this.proved.push(cosignedBy(note, this.given.policy, key));

    const tiles = await AuthenticatedTiles.open(file, checkpoint);
    const entries = await verifyEntries(file, tiles, scope);
    const positions = `positions ${entries.from} to ${entries.to - 1n}`;
    this.proved.push(`The events at ${positions} are the ones that the log committed to at these places: none was changed, removed, added or moved.`);
    const since = entries.from === 0n ? 'from 0 on' : 'within the range';
    this.proved.push(`Each of them is an event in canonical JSON, and the revisions of each stream follow without a gap ${since}.`);
    if (entries.root !== undefined) {
      if (!sameHash(entries.root, checkpoint.root)) throw refused('ENTRY_CHANGED', 'The events together do not make the root that was signed.');
      this.proved.push('These are all events that the checkpoint covers: its root was computed again from them alone.');
    }
    this.proved.push(`All ${await tiles.verifyAll(hashTiles(scope))} tiles of the bundle hash up to the root of the checkpoint.`);
    for (const size of scope.earlierSizes) await this.compare(tiles, checkpoint, await this.earlier(file, size, key), 'in the bundle');
    if (this.otherCheckpoint !== undefined) await this.compare(tiles, checkpoint, opened(this.otherCheckpoint, key), 'that you gave');
  }

  private async readManifest(file: BundleFile): Promise<Manifest> {
    this.manifest = parseManifest(await file.text(names.manifest));
    if (this.manifest === undefined) throw refused('NOT_A_BUNDLE', `${names.manifest} is no description of a bundle that this version knows.`, { file: names.manifest });
    return this.manifest;
  }

  private async keyOf(file: BundleFile): Promise<NoteVerifier> {
    const text = (await file.text(names.key)).trim();
    const { key, keyText } = this.given;
    if (key !== undefined && keyText !== text) throw refused('UNTRUSTED', 'The bundle names another key than the one that you gave.', { file: names.key });
    if (key !== undefined) return key;
    try {
      return parseVerifier(text);
    } catch (cause) {
      throw refused('UNTRUSTED', 'The key in the bundle is none, or its name or id was changed.', { file: names.key }, cause);
    }
  }

  private async earlier(file: BundleFile, size: bigint, key: NoteVerifier): Promise<Checkpoint> {
    const name = earlierName(size);
    const checkpoint = opened(await file.text(name), key, name);
    if (checkpoint.size !== size) throw refused('UNTRUSTED', `The earlier checkpoint is of ${checkpoint.size} events, not of ${size} as its name says.`, { file: name });
    return checkpoint;
  }

  private async compare(tiles: AuthenticatedTiles, checkpoint: Checkpoint, other: Checkpoint, whose: string): Promise<void> {
    const { size, root } = other;
    if (size > checkpoint.size) throw notCovered(size, `the bundle ends at ${checkpoint.size}`);
    if (!sameHash(await rootAt(tiles, size), root)) {
      throw refused('FORKED', `The checkpoint over ${size} events ${whose} was signed by the same key, but is not the beginning of this log: two histories were signed.`);
    }
    this.proved.push(`The log has only grown since the checkpoint over ${size} events ${whose}.`);
  }
}

function readEvidence({ verifierKey, policy }: Evidence): GivenEvidence {
  try {
    const keyText = verifierKey?.trim();
    return { key: keyText === undefined ? undefined : parseVerifier(keyText), keyText, policy: policy === undefined ? undefined : parsePolicy(policy) };
  } catch (cause) {
    throw new AuditError('EVIDENCE_UNUSABLE', cause instanceof Error ? cause.message : 'The evidence can not be read.', { cause });
  }
}

function scopeOf(file: BundleFile, manifest: Manifest): BundleScope {
  const earlierSizes = [...file.names].flatMap((name) => earlierSizeOf(name) ?? []).sort((a, b) => (a < b ? -1 : 1));
  if (earlierSizes.length > MAX_EARLIER_CHECKPOINTS) throw refused('NOT_A_BUNDLE', `There are more than ${MAX_EARLIER_CHECKPOINTS} earlier checkpoints.`);
  const scope = { ...manifest, earlierSizes };
  if (countFiles(scope) > BigInt(MAX_FILES)) throw refused('NOT_A_BUNDLE', `A bundle of this range would have more than ${MAX_FILES} files.`, { file: names.manifest });
  for (const size of earlierSizes) if (size > manifest.size) throw refused('NOT_A_BUNDLE', `The checkpoint over ${size} events is not earlier.`, { file: earlierName(size) });
  for (const name of file.names) if (!belongs(name, scope)) throw refused('NOT_A_BUNDLE', `The file ${name} does not belong into a bundle of this range.`, { file: name });
  return scope;
}

function opened(note: string, key: NoteVerifier, file?: string): Checkpoint {
  try {
    return openCheckpoint(note, key);
  } catch (cause) {
    if (!(cause instanceof TransparencyError)) throw cause;
    if (file === undefined && cause.code === 'MALFORMED') throw new AuditError('EVIDENCE_UNUSABLE', `The checkpoint that you gave is none. ${cause.message}`, { cause });
    const which = file === undefined ? 'that you gave' : `in ${file}`;
    throw refused('UNTRUSTED', `The checkpoint ${which} is not signed by the log’s key. ${cause.message}`, file === undefined ? {} : { file }, cause);
  }
}

async function rootAt(tiles: AuthenticatedTiles, size: bigint): Promise<Uint8Array> {
  try {
    return await rootFrom(tiles, size);
  } catch (cause) {
    if (!(cause instanceof TransparencyError) || cause.code !== 'MISSING_TILE') throw cause;
    throw notCovered(size, 'the bundle lacks the tile in which that tree ends', cause);
  }
}

function notCovered(size: bigint, why: string, cause?: unknown): AuditError {
  const cure = 'Ask for a bundle that was made with it (cairn audit bundle --earlier).';
  return new AuditError('NOT_COVERED', `The checkpoint over ${size} events can not be compared from this bundle: ${why}. ${cure}`, { cause });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
