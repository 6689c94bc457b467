import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKey, hashLeaf, openCheckpoint, parseSigner, parseVerifier, signCheckpoint } from '@cairn/transparency';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogKey } from './log-key.js';

describe('the key of the log', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cairn-key-'));
    path = join(folder, 'lineage', 'log.key');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is made at the first start, for its owner alone, and stays', async () => {
    const made = await openLogKey({ path, mustExist: false, origin: 'log.example/prod' });
    expect(made.signer.name).toBe('log.example/prod');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const again = await openLogKey({ path, mustExist: false });
    expect(again.verifierKey).toBe(made.verifierKey);
    expect(made.verifierKey).not.toContain('PRIVATE');
    expect(await readFile(path, 'utf8')).toMatch(/^PRIVATE\+KEY\+log\.example\/prod\+/);
  });

  it('has a name of its own without one given', async () => {
    const [one, other] = [await openLogKey({ path, mustExist: false }), await openLogKey({ path: join(folder, 'other.key'), mustExist: false })];
    expect(one.signer.name).toMatch(/^cairn\.local\/[0-9a-f]{8}$/);
    expect(one.signer.name).not.toBe(other.signer.name);
  });

  it('is not made up when the operator named a file', async () => {
    await expect(openLogKey({ path, mustExist: true })).rejects.toThrow('is missing');
  });

  it('is refused when others can read it, when it is another log’s, and when it is no key', async () => {
    const file = join(folder, 'given.key');
    await writeFile(file, generateKey('log.example').signingKey, { mode: 0o600 });
    await expect(openLogKey({ path: file, mustExist: true, origin: 'another.example' })).rejects.toThrow('A log keeps its name');
    await chmod(file, 0o644);
    await expect(openLogKey({ path: file, mustExist: true })).rejects.toThrow('chmod 600');
    await writeFile(join(folder, 'no.key'), 'nonsense', { mode: 0o600 });
    await expect(openLogKey({ path: join(folder, 'no.key'), mustExist: true })).rejects.toThrow('Not a signing key');
  });

  describe('while it is changed', () => {
    const [old, next] = [generateKey('log.example'), generateKey('log.example')];
    const opened = async (...lines: string[]) => {
      const file = join(folder, 'rotation.key');
      await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
      return openLogKey({ path: file, mustExist: true });
    };

    it('signs with the old one and the next one, then with the next one alone, and knows the old one still', async () => {
      const both = await opened(old.signingKey, next.signingKey);
      expect(both).toMatchObject({ verifierKey: old.verifierKey, cosigners: { length: 1 }, verifiers: { length: 2 } });
      const after = await opened(next.signingKey, old.verifierKey);
      expect(after).toMatchObject({ verifierKey: next.verifierKey, cosigners: [], verifiers: { length: 2 } });
      const root = hashLeaf('some root');
      const byBoth = signCheckpoint({ origin: 'log.example', size: 7n, root }, both.signer, ...both.cosigners);
      for (const { verifierKey } of [old, next]) expect(openCheckpoint(byBoth, parseVerifier(verifierKey))).toMatchObject({ size: 7n });
      const byOld = signCheckpoint({ origin: 'log.example', size: 7n, root }, parseSigner(old.signingKey));
      expect(openCheckpoint(byOld, after.verifiers)).toMatchObject({ size: 7n });
    });

    it('keeps its name, and has a key that signs in its first line', async () => {
      await expect(opened(old.signingKey, generateKey('another.example').signingKey)).rejects.toThrow('A log keeps its name');
      await expect(opened(old.verifierKey, next.signingKey)).rejects.toThrow('Not a signing key');
    });
  });
});
