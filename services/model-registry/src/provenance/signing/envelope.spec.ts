import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openEnvelope, preAuthEncoding, sealEnvelope } from './envelope.js';

describe('an envelope', () => {
  it('signs what the specification says', () => {
    // The test vector of DSSE's protocol.md.
    const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
    expect(encoded.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
    // Lengths are of bytes.
    expect(preAuthEncoding('é', Buffer.from('ü')).toString()).toBe('DSSEv1 2 é 2 ü');
    expect(preAuthEncoding('', Buffer.alloc(0)).toString()).toBe('DSSEv1 0  0 ');
  });

  it('opens with the key that sealed it, as long as nobody touched payload or type', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const envelope = sealEnvelope(Buffer.from('{"a":1}'), { keyId: 'k', privateKey });
    expect(openEnvelope(envelope, publicKey)?.toString()).toBe('{"a":1}');
    expect(sealEnvelope(Buffer.from('{"a":1}'), { keyId: 'k', privateKey })).toEqual(envelope);
    expect(openEnvelope({ ...envelope, payload: Buffer.from('{"a":2}').toString('base64') }, publicKey)).toBeUndefined();
    expect(openEnvelope({ ...envelope, payloadType: 'application/json' }, publicKey)).toBeUndefined();
    expect(openEnvelope({ ...envelope, signatures: [] }, publicKey)).toBeUndefined();
    expect(openEnvelope(envelope, generateKeyPairSync('ed25519').publicKey)).toBeUndefined();
  });

  it('is what RFC 8032 would have it be', () => {
    // Seed of the first test in section 7.1; the signature is over the encoding, so what is compared is the public key.
    const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
    const privateKey = createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('hex');
    expect(spki).toBe('302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  });
});
