import { describe, expect, it } from 'vitest';
import { openCheckpoint, signCheckpoint } from './checkpoint.js';
import { cosignature, cosignatureAt, cosignatureTime } from './cosignature.js';
import { emptyRoot } from './hash.js';
import { generateKey, parseSigner, parseVerifier } from './key.js';
import { addSignatures, openNote, parseNote, signNote } from './note.js';
import { bytesOf, readVectors } from './testing/read-vectors.js';

const ORIGIN = 'log.example/one';
const log = generateKey(ORIGIN);
const witness = generateKey('witness.example/w1', cosignature);
const witnessVerifier = parseVerifier(witness.verifierKey, [cosignature]);
const signedAt = (timeS: bigint) => parseSigner(witness.signingKey, [cosignatureAt(() => timeS)]);
const note = signCheckpoint({ origin: ORIGIN, size: 7n, root: emptyRoot }, parseSigner(log.signingKey));

function cosigned(text = note, timeS = 1_679_315_147n): string {
  return addSignatures(text, parseNote(signNote(parseNote(text).text, [signedAt(timeS)])).signatures);
}

const vectors = readVectors('cosignatures') as {
  witnesses: string[];
  note: string;
  timestamp: { signature: string; timeS: string };
  verifierKeys: { valid: string[]; invalid: string[] };
};

describe('cosignatures', () => {
  it('are made by keys of type 0x04, whose id says so', () => {
    expect(parseSigner(witness.signingKey, [cosignature])).toMatchObject({ type: 4, verifierKey: witness.verifierKey });
    expect(() => parseVerifier(witness.verifierKey)).toThrow('verifier key');
    expect(() => parseVerifier(log.verifierKey, [cosignature])).toThrow('verifier key');
  });

  it('stand beside the signature of the log, and carry their time', () => {
    const opened = openNote(cosigned(), [parseVerifier(log.verifierKey), witnessVerifier]);
    expect(opened.signatures.map(({ name }) => name)).toEqual([ORIGIN, 'witness.example/w1']);
    expect(cosignatureTime(opened.signatures[1]!)).toBe(1_679_315_147n);
    expect(openCheckpoint(cosigned(), parseVerifier(log.verifierKey))).toMatchObject({ size: 7n });
  });

  it('are by the clock unless another one is given', () => {
    const before = BigInt(Math.floor(Date.now() / 1000));
    const [signature] = openNote(signNote('some text\n', [parseSigner(witness.signingKey, [cosignature])]), [witnessVerifier]).signatures;
    expect(cosignatureTime(signature!)).toBeGreaterThanOrEqual(before);
  });

  it('cover the time, the whole text, and lines beyond the third', () => {
    const line = parseNote(cosigned()).signatures[1]!;
    for (let at = 0; at < line.signature.length; at += 1) {
      const changed = Buffer.from(line.signature);
      changed[at]! ^= 1;
      expect(() => openNote(addSignatures(note, [{ ...line, signature: changed }]), [witnessVerifier]), `byte ${at}`).toThrow('does not verify');
    }
    const extended = signNote(`${parseNote(note).text}extension\n`, [signedAt(5n)]);
    expect(() => openNote(extended.replace('extension', 'extensioN'), [witnessVerifier])).toThrow('does not verify');
  });

  it('have a time that fits a signed integer', () => {
    expect(openNote(cosigned(note, (1n << 63n) - 1n), [witnessVerifier]).signatures).toHaveLength(1);
    expect(() => cosigned(note, 1n << 63n)).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }));
    const late = Buffer.from(parseNote(cosigned()).signatures[1]!.signature);
    late[0] = 0x80;
    expect(() => cosignatureTime({ name: 'w', keyId: new Uint8Array(4), signature: late })).toThrow('has no time');
  });
});

describe('the vectors of transparency-dev/formats', () => {
  it('verify: a checkpoint that its code cosigned, with three keys', () => {
    const verifiers = vectors.witnesses.map((key) => parseVerifier(key, [cosignature]));
    expect(openNote(vectors.note, verifiers).signatures.map(({ name }) => name)).toEqual(['Wit1', 'Wit2', 'Wit3']);
    expect(() => openNote(vectors.note.replace('\n15\n', '\n14\n'), verifiers)).toThrow('does not verify');
  });

  it('have the time that it reads', () => {
    const bytes = bytesOf(vectors.timestamp.signature);
    expect(cosignatureTime({ name: 'w', keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) })).toBe(BigInt(vectors.timestamp.timeS));
  });

  it.each(vectors.verifierKeys.valid)('take the key %s', (key) => {
    expect(parseVerifier(key, [cosignature])).toMatchObject({ type: 4 });
  });

  it.each(vectors.verifierKeys.invalid)('refuse the key %s', (key) => {
    expect(() => parseVerifier(key, [cosignature])).toThrow('verifier key');
  });
});
