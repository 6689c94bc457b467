import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSigningKeys } from './signing-key.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-provenance-'));
  path = join(folder, 'provenance.key');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (mustExist = false) => openSigningKeys(path, { mustExist });

describe('the signing key', () => {
  it('is made at the first start, for its owner alone, and is the same from then on, whoever starts', async () => {
    const opened = await Promise.all([open(), open(), open()]);
    expect(new Set(opened.map(({ keyId }) => keyId)).size).toBe(1);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const [first] = opened;
    expect(await open(true)).toMatchObject({ keyId: first?.keyId, publicKeys: [{ signs: true }] });
  });

  it('is changed by putting another one first; the old one stays known, private or public', async () => {
    const { keyId: oldest } = await open();
    const old = createPublicKey(createPrivateKey(readFileSync(path, 'utf8'))).export({ format: 'pem', type: 'spki' }).toString();
    const pem = () => generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    writeFileSync(path, pem() + old);
    const second = await open();
    expect(second.publicKeys.map(({ keyId, signs }) => [keyId, signs])).toEqual([[second.keyId, true], [oldest, false]]);
    expect(second.publicKeys[1]?.pem).toBe(old);
    writeFileSync(path, `a new one\n${pem()}\n${readFileSync(path, 'utf8')}`);
    expect((await open()).publicKeys.slice(1).map(({ keyId }) => keyId)).toEqual([second.keyId, oldest]);
  });

  it('is refused when it is missing though it was named, readable by others, of another kind, or only public', async () => {
    await expect(open(true)).rejects.toThrow('missing');
    await open();
    chmodSync(path, 0o640);
    await expect(open()).rejects.toThrow('read by others');
    chmodSync(path, 0o600);
    writeFileSync(path, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    await expect(open()).rejects.toThrow('not Ed25519');
    writeFileSync(path, generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString());
    await expect(open()).rejects.toThrow('private Ed25519');
  });
});
