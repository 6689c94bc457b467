import { describe, expect, it } from 'vitest';
import { emptyRoot, hashLeaf, hashNode } from './hash.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('RFC 6962 hashing', () => {
  it('gives the hashes that every Certificate Transparency log gives', () => {
    expect(hex(emptyRoot)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hex(hashLeaf(''))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(hex(hashLeaf(Uint8Array.of(0x00)))).toBe('96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7');
    expect(hex(hashNode(hashLeaf(''), hashLeaf(Uint8Array.of(0x00))))).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125');
  });

  it('takes a string as its UTF-8 bytes', () => {
    for (const text of ['', 'abc', 'ü\u0000€😀']) expect(hashLeaf(text)).toEqual(hashLeaf(Buffer.from(text, 'utf8')));
  });

  it('never confuses a leaf with a node over the same bytes', () => {
    const [left, right] = [hashLeaf('left'), hashLeaf('right')];
    expect(hashNode(left, right)).not.toEqual(hashLeaf(Buffer.concat([left, right])));
  });
});
