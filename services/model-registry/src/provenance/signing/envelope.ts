import { sign, verify, type KeyObject } from 'node:crypto';

/** As in-toto's envelope layer names its statements. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** DSSE 1.0: what is signed stays beside its signatures, byte for byte. */
export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** The bytes that a signature covers: PAE of DSSE 1.0, https://github.com/secure-systems-lab/dsse/blob/master/protocol.md. Lengths count bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `), payload]);
}

/** Ed25519 signs the same bytes with the same signature: an envelope is made again as it was. */
export function sealEnvelope(payload: Uint8Array, { keyId, privateKey }: { readonly keyId: string; readonly privateKey: KeyObject }): Envelope {
  const sig = sign(null, preAuthEncoding(PAYLOAD_TYPE, payload), privateKey).toString('base64');
  return { payloadType: PAYLOAD_TYPE, payload: Buffer.from(payload).toString('base64'), signatures: [{ keyid: keyId, sig }] };
}

/** The payload, if the key made one of the signatures; a key id is a hint, and nothing is concluded from it. */
export function openEnvelope({ payloadType, payload, signatures }: Envelope, publicKey: KeyObject): Buffer | undefined {
  const bytes = Buffer.from(payload, 'base64');
  const covered = preAuthEncoding(payloadType, bytes);
  return signatures.some(({ sig }) => verify(null, covered, publicKey, Buffer.from(sig, 'base64'))) ? bytes : undefined;
}
