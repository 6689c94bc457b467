import { describe, expect, it } from 'vitest';
import { generateKey, parseSigner, parseVerifier } from './key.js';
import { openNote, signNote } from './note.js';

// The published example of golang.org/x/mod/sumdb/note, the reference implementation of the format. Ed25519 is deterministic: the same
// key over the same text gives the same bytes everywhere.
const SIGNING_KEY = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const VERIFIER_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const NOTE = `${TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

const verifier = parseVerifier(VERIFIER_KEY);

describe('signed notes', () => {
  it('signs the published example byte for byte', () => {
    const signer = parseSigner(SIGNING_KEY);
    expect(signNote(TEXT, [signer])).toBe(NOTE);
    expect(signer.verifierKey).toBe(VERIFIER_KEY);
  });

  it('opens the published example', () => {
    const opened = openNote(NOTE, [verifier]);
    expect(opened.text).toBe(TEXT);
    expect(opened.signatures.map(({ name }) => name)).toEqual(['PeterNeumann']);
  });

  it('ignores signatures of unknown keys, and demands a known one', () => {
    const other = generateKey('EnochRoot');
    const both = `${NOTE}${signNote(TEXT, [parseSigner(other.signingKey)]).slice(TEXT.length + 1)}`;
    expect(openNote(both, [verifier]).signatures).toHaveLength(1);
    expect(openNote(both, [verifier, parseVerifier(other.verifierKey)]).signatures).toHaveLength(2);
    expect(() => openNote(NOTE, [parseVerifier(other.verifierKey)])).toThrow('no signature of a known key');
  });

  it('refuses a note whose text was changed, whatever the byte', () => {
    for (let at = 0; at < TEXT.length - 1; at += 1) {
      const changed = `${NOTE.slice(0, at)}${NOTE[at] === 'x' ? 'y' : 'x'}${NOTE.slice(at + 1)}`;
      expect(() => openNote(changed, [verifier]), `byte ${at}`).toThrow();
    }
  });

  it.each([
    ['no signature', `${TEXT}\n`],
    ['no empty line', NOTE.replace('\n\n', '\n')],
    ['no last newline', NOTE.slice(0, -1)],
    ['a hyphen for the dash', NOTE.replace('—', '-')],
    ['a control character', `\u0007${NOTE}`],
    ['sloppy base64', NOTE.replace('BwJnAM=', 'BwJnAN=')],
  ])('refuses %s', (_, note) => {
    expect(() => openNote(note, [verifier])).toThrow();
  });

  it.each([
    ['another key id', VERIFIER_KEY.replace('c74f20a3', 'c74f20a4')],
    ['another name', VERIFIER_KEY.replace('Peter', 'Paul')],
    ['an unknown type', 'PeterNeumann+c74f20a3+AhpcQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWA'],
    ['a short key', 'PeterNeumann+c74f20a3+ARpc'],
    ['nothing', ''],
  ])('refuses a key with %s', (_, key) => {
    expect(() => parseVerifier(key)).toThrow('verifier key');
    expect(() => parseSigner(`PRIVATE+KEY+${key}`)).toThrow('signing key');
  });

  it('takes another algorithm as another value, by its type byte', () => {
    const upside = { type: 0xfa, verifier: () => (text: Uint8Array, signature: Uint8Array) => text.length === signature[0], signer: () => undefined };
    expect(() => parseVerifier('PeterNeumann+00000000+AQ==', [upside])).toThrow('verifier key');
    expect(() => parseVerifier(VERIFIER_KEY, [upside])).toThrow('verifier key');
  });

  it('refuses a name that would break lines or keys', () => {
    expect(() => generateKey('a b')).toThrow('no spaces');
    expect(() => generateKey('a+b')).toThrow('no spaces');
    expect(() => generateKey('')).toThrow('no spaces');
  });
});
