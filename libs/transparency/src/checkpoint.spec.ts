import { describe, expect, it } from 'vitest';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { emptyRoot } from './hash.js';
import { generateKey, parseSigner, parseVerifier } from './key.js';

const ORIGIN = 'example.com/behind-the-sofa';
const keys = generateKey(ORIGIN);
const signer = parseSigner(keys.signingKey);
const log = parseVerifier(keys.verifierKey);

describe('checkpoints', () => {
  it('has the text that C2SP tlog-checkpoint shows', () => {
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const checkpoint = parseCheckpoint(text);
    expect(checkpoint).toMatchObject({ origin: ORIGIN, size: 20_852_163n });
    expect(formatCheckpoint(checkpoint)).toBe(text);
  });

  it('opens what was signed', () => {
    const note = signCheckpoint({ origin: ORIGIN, size: 7n, root: emptyRoot }, signer);
    expect(openCheckpoint(note, log)).toMatchObject({ origin: ORIGIN, size: 7n });
  });

  it('refuses a changed size, a foreign key and a foreign origin', () => {
    const note = signCheckpoint({ origin: ORIGIN, size: 7n, root: emptyRoot }, signer);
    expect(() => openCheckpoint(note.replace('\n7\n', '\n8\n'), log)).toThrow('does not verify');
    expect(() => openCheckpoint(note, parseVerifier(generateKey(ORIGIN).verifierKey))).toThrow('no signature of a known key');
    expect(() => signCheckpoint({ origin: 'another', size: 7n, root: emptyRoot }, signer)).toThrow('does not sign for another');
  });

  it.each(['', 'origin\n', 'origin\n1\nAAAA\n', 'origin\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n', '\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'])(
    'refuses %j',
    (text) => {
      expect(() => parseCheckpoint(text)).toThrow('three lines');
    },
  );
});
