import { describe, expect, it } from 'vitest';
import { parseSigner, parseVerifier } from './key.js';
import { addSignatures, openNote, parseNote } from './note.js';
import { readVectors } from './testing/read-vectors.js';

interface NoteVector {
  name: string;
  note: string;
  keys: ('peter' | 'enoch')[];
  signedBy?: string[];
}

const vectors = readVectors('notes') as {
  verifierKeys: { peter: string; enoch: string };
  signingKey: string;
  badKeys: string[];
  text: string;
  peterSignature: string;
  enochSignature: string;
  opens: NoteVector[];
  refused: NoteVector[];
};
const { peter, enoch } = vectors.verifierKeys;
const verifiersOf = ({ keys }: NoteVector) => keys.map((key) => parseVerifier(vectors.verifierKeys[key]));

/** Every part of the text but the whole, and the text with each of its characters replaced by the next one. */
function mangled(text: string): string[] {
  const parts = Array.from(text, (_, from) => Array.from(text.slice(from), (__, length) => text.slice(from, from + length + 1))).flat();
  const bumped = Array.from(text, (character, at) => `${text.slice(0, at)}${String.fromCharCode(character.charCodeAt(0) + 1)}${text.slice(at + 1)}`);
  return [...parts.filter((part) => part !== text), ...bumped];
}

describe('the vectors of golang.org/x/mod/sumdb/note', () => {
  it.each(vectors.opens)('opens $name', (vector) => {
    const opened = openNote(vector.note, verifiersOf(vector));
    expect(opened.text).toBe(vectors.text);
    expect(opened.signatures.map(({ name }) => name)).toEqual(vector.signedBy);
  });

  it.each(vectors.refused)('refuses $name', (vector) => {
    expect(() => openNote(vector.note, verifiersOf(vector))).toThrow();
  });

  it('refuses every mangled key', () => {
    for (const key of [...mangled(peter), ...vectors.badKeys]) expect(() => parseVerifier(key), key).toThrow('verifier key');
    for (const key of mangled(vectors.signingKey)) expect(() => parseSigner(key), key).toThrow('signing key');
  });
});

describe('a note to which signatures are added', () => {
  const alone = `${vectors.text}\n${vectors.peterSignature}`;
  const both = `${alone}${vectors.enochSignature}`;
  const [, ofEnoch] = parseNote(both).signatures;

  it('has them behind the ones that it had', () => {
    expect(addSignatures(alone, [ofEnoch!])).toBe(both);
    expect(openNote(addSignatures(alone, [ofEnoch!]), [parseVerifier(peter), parseVerifier(enoch)]).signatures).toHaveLength(2);
  });

  it('has one of each key', () => {
    expect(addSignatures(both, [ofEnoch!])).toBe(both);
    expect(addSignatures(both, [])).toBe(both);
  });
});
