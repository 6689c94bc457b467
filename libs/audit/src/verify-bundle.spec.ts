import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@cairn/testing';
import { generateKey, parseSigner, signCheckpoint } from '@cairn/transparency';
import { beforeAll, describe, expect, it } from 'vitest';
import { ORIGIN, sampleBodies, sampleBody, sampleLog, sampleWitness } from './testing/sample-log.js';
import { verifyBundle, type Evidence } from './verify-bundle.js';
import { writeBundle, type BundleRequest } from './write-bundle.js';

const SIZE = 700;
const folder = tempDir('audit');
const log = sampleLog(sampleBodies(SIZE));
let count = 0;

async function bundle(request: Partial<BundleRequest> = {}): Promise<string> {
  const path = join(folder, `${(count += 1)}.cairn-audit.zip`);
  await writeBundle(path, { source: log, schemas: Buffer.from('schemas'), created: '2026-03-04T05:06:07Z', ...request });
  return path;
}

describe('a bundle of a whole log', () => {
  let whole: string;
  beforeAll(async () => {
    whole = await bundle();
  });

  it('verifies with nothing but the file and the key', async () => {
    const verdict = await verifyBundle(whole, { verifierKey: log.key });
    expect(verdict).toMatchObject({ verified: true, manifest: { origin: ORIGIN, from: 0n, to: 700n, size: 700n }, root: Buffer.from(log.tree.root()) });
    expect(verdict.proved.join('\n')).toMatch(/signed by the key [0-9a-f]{8} that you gave[^]*positions 0 to 699[^]*from 0 on[^]*These are all events[^]*All 4 tiles/);
    expect(verdict.notProved.join('\n')).not.toContain('--key');
    expect(verdict.notProved.join('\n')).toContain('never submitted');
  });

  it('says that nobody vouches for a key that came with it', async () => {
    const { verified, proved, notProved } = await verifyBundle(whole);
    expect(verified).toBe(true);
    expect(proved[0]).toContain('that came with the bundle');
    expect(notProved[0]).toContain('--key');
  });

  it('is not of a log whose key is another one', async () => {
    const verifierKey = generateKey(ORIGIN).verifierKey;
    expect(await verifyBundle(whole, { verifierKey })).toMatchObject({ verified: false, proved: [], finding: { code: 'UNTRUSTED', file: 'keys/log' } });
  });

  it('has the same bytes when it is made again', async () => {
    expect(readFileSync(await bundle())).toEqual(readFileSync(whole));
  });

  it('tells somebody who has nothing else what it is', async () => {
    const text = readFileSync(whole).toString('latin1');
    for (const name of ['README.txt', 'bundle.json', 'checkpoint', 'keys/log', 'schemas/events.binpb', 'tile/0/002.p/188', 'tile/1/000.p/2', 'tile/entries/002.p/188']) {
      expect(text).toContain(name);
    }
  });

  it('is refused when it was cut, is no ZIP, or is not there', async () => {
    const cut = join(folder, 'cut.zip');
    for (const bytes of [0, 20, 40_000]) {
      writeFileSync(cut, readFileSync(whole));
      truncateSync(cut, bytes);
      expect(await verifyBundle(cut)).toMatchObject({ verified: false, finding: { code: 'NOT_A_BUNDLE' } });
    }
    writeFileSync(cut, 'no ZIP at all, but long enough to hold the end of one');
    expect(await verifyBundle(cut)).toMatchObject({ verified: false, finding: { code: 'NOT_A_BUNDLE' } });
    await expect(verifyBundle(join(folder, 'nowhere.zip'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await expect(verifyBundle(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});

describe('a bundle of a part', () => {
  it.each([
    [0n, 1n],
    [255n, 257n],
    [300n, 310n],
    [512n, 700n],
    [256n, 512n],
    [699n, 700n],
  ])('proves the events of [%s, %s) and leaves the others open', async (from, to) => {
    const verdict = await verifyBundle(await bundle({ from, to }), { verifierKey: log.key });
    expect(verdict).toMatchObject({ verified: true, manifest: { from, to } });
    expect(verdict.notProved.some((sentence) => sentence.includes('are not in the bundle'))).toBe(true);
  });

  it('verifies whatever the size of the tree', async () => {
    for (const size of [1, 2, 255, 256, 257, 511, 512, 600]) {
      const source = sampleLog(sampleBodies(size));
      const path = await bundle({ source });
      expect(await verifyBundle(path, { verifierKey: source.key })).toMatchObject({ verified: true, root: Buffer.from(source.tree.root()) });
    }
  });

  it('is not made of a range that the checkpoint does not cover', async () => {
    for (const [from, to] of [[0n, 701n], [5n, 5n], [6n, 5n], [-1n, 5n]] as const) await expect(bundle({ from, to })).rejects.toMatchObject({ code: 'RANGE_UNUSABLE' });
  });

  it('is not made when the log lacks what it signed', async () => {
    const holed = { ...log, tile: async (path: string) => (path === 'tile/entries/001' ? undefined : log.tile(path)) };
    await expect(bundle({ source: holed })).rejects.toMatchObject({ code: 'LOG_UNUSABLE', message: expect.stringContaining('tile/entries/001') });
    await expect(bundle({ source: { ...log, verifierKey: async () => generateKey(ORIGIN).verifierKey } })).rejects.toMatchObject({ code: 'LOG_UNUSABLE' });
  });
});

describe('other checkpoints', () => {
  const fork = sampleLog(sampleBodies(SIZE).map((body, at) => (at === 3 ? sampleBody(3, 0, 'another story') : body)));
  const verify = async (evidence: Evidence, request: Partial<BundleRequest> = {}) => verifyBundle(await bundle({ from: 600n, ...request }), { verifierKey: log.key, ...evidence });

  it('in the bundle prove that the log only grew', async () => {
    const earlierCheckpoints = [1n, 77n, 256n, 300n, 512n, 699n, 700n].map((size) => log.note(size));
    const verdict = await verify({}, { earlierCheckpoints });
    expect(verdict.verified).toBe(true);
    expect(verdict.proved.filter((sentence) => sentence.includes('only grown'))).toHaveLength(7);
  });

  it('that the auditor kept are compared, where the bundle holds what that needs', async () => {
    expect(await verify({ checkpoint: log.note(512n) })).toMatchObject({ verified: true });
    expect(await verify({ checkpoint: log.note(650n) })).toMatchObject({ verified: true });
    await expect(verify({ checkpoint: log.note(77n) })).rejects.toMatchObject({ code: 'NOT_COVERED' });
    expect(await verify({ checkpoint: log.note(77n) }, { from: 0n })).toMatchObject({ verified: true });
  });

  it('of another log are not compared: its key is another one', async () => {
    expect(await verify({ checkpoint: fork.note(512n) })).toMatchObject({ verified: false, finding: { code: 'UNTRUSTED' } });
  });

  it('that the same key signed over another history show the fork', async () => {
    const keys = generateKey(ORIGIN);
    const signer = parseSigner(keys.signingKey);
    const sign = (of: typeof log, size: bigint) => signCheckpoint({ origin: ORIGIN, size, root: of.tree.root(size) }, signer);
    const source = { ...log, checkpoint: async () => sign(log, 700n), verifierKey: async () => keys.verifierKey };
    const path = await bundle({ source });
    for (const size of [4n, 256n, 300n, 700n]) {
      expect(await verifyBundle(path, { verifierKey: keys.verifierKey, checkpoint: sign(fork, size) })).toMatchObject({ verified: false, finding: { code: 'FORKED' } });
    }
    // Event 3 is where they part.
    expect(await verifyBundle(path, { verifierKey: keys.verifierKey, checkpoint: sign(fork, 3n) })).toMatchObject({ verified: true });
    expect(await verifyBundle(await bundle({ source, earlierCheckpoints: [sign(fork, 77n)] }), {})).toMatchObject({ finding: { code: 'FORKED' } });
  });

  it('must be checkpoints', async () => {
    await expect(verify({ checkpoint: 'no note' })).rejects.toMatchObject({ code: 'EVIDENCE_UNUSABLE' });
    await expect(bundle({ earlierCheckpoints: [fork.note(77n)] })).rejects.toMatchObject({ code: 'EVIDENCE_UNUSABLE' });
  });
});

describe('a policy', () => {
  const [ada, ben, eve] = [sampleWitness('ada.example'), sampleWitness('ben.example'), sampleWitness('eve.example')];
  const cosigned = sampleLog(sampleBodies(20), [ada.signer(1_767_322_800n), ben.signer(1_767_322_801n)]);
  const lines = [`log ${cosigned.key}`, `witness ada ${ada.verifierKey}`, `witness ben ${ben.verifierKey} https://ben.example/`, `witness eve ${eve.verifierKey}`];
  const verify = async (...more: string[]) =>
    verifyBundle(await bundle({ source: cosigned }), { verifierKey: cosigned.key, policy: ['# who must have seen it', ...lines, ...more, ''].join('\n') });

  it('that is met says who cosigned, and when', async () => {
    const { verified, proved } = await verify('group two 2 ada ben eve', 'quorum two');
    expect(verified).toBe(true);
    expect(proved[1]).toContain('ada at 2026-01-02T03:00:00.000Z, ben at 2026-01-02T03:00:01.000Z');
    expect(await verify('group any-of any ben eve', 'group both all any-of ada', 'quorum both')).toMatchObject({ verified: true });
    expect(await verify('quorum none')).toMatchObject({ verified: true });
  });

  it('that is not met refuses the bundle', async () => {
    expect(await verify('quorum eve')).toMatchObject({ verified: false, finding: { code: 'COSIGNATURES_MISSING' } });
    expect(await verify('group all-three all ada ben eve', 'quorum all-three')).toMatchObject({ finding: { code: 'COSIGNATURES_MISSING' } });
  });

  it('of other logs refuses the bundle', async () => {
    const policy = `log ${log.key}\nquorum none\n`;
    expect(await verifyBundle(await bundle({ source: cosigned }), { policy })).toMatchObject({ verified: false, finding: { code: 'UNTRUSTED' } });
  });

  it('counts no cosignature that does not verify', async () => {
    const stranger = sampleWitness('ada.example');
    const wrong = { ...stranger.signer(1n), keyId: ada.signer(1n).keyId };
    const source = sampleLog(sampleBodies(3), [wrong]);
    const policy = `witness ada ${ada.verifierKey}\nquorum ada\n`;
    expect(await verifyBundle(await bundle({ source }), { policy })).toMatchObject({ finding: { code: 'COSIGNATURES_MISSING' } });
  });

  it.each([
    ['quorum nobody'],
    ['witness again ada.example+00000000+AAAA', 'quorum none'],
    ['frobnicate', 'quorum none'],
    [],
  ])('is refused when it can not be read: %s %s', async (...more) => {
    await expect(verify(...more)).rejects.toMatchObject({ code: 'EVIDENCE_UNUSABLE' });
  });
});
