import { TransparencyError } from './errors.js';
import { ed25519, type SignatureAlgorithm } from './key.js';
import type { NoteSignature } from './note.js';

const TIME_BYTES = 8;
const SIGNATURE_BYTES = TIME_BYTES + 64;
/** The format's bound, so that the time fits a signed integer. */
const MAX_TIME_S = (1n << 63n) - 1n;

/**
 * Ed25519 cosignatures (C2SP tlog-cosignature, type 0x04): the witness states that at this time the checkpoint was the largest that it had seen of its
 * log, and that the log only grew. The signature is the time (POSIX seconds, uint64 big-endian) and 64 bytes over `cosignature/v1`, the time and the
 * whole text of the checkpoint.
 */
export const cosignature: SignatureAlgorithm = cosignatureAt(() => BigInt(Math.floor(Date.now() / 1000)));

/** The same with another clock for signing; `nowS` gives POSIX seconds. Signing throws OUT_OF_RANGE for a time that the format can't hold. */
export function cosignatureAt(nowS: () => bigint): SignatureAlgorithm {
  return {
    type: 0x04,
    verifier(publicKey) {
      const check = ed25519.verifier(publicKey);
      return check && ((text, signature) => {
        const timeS = timeOf(signature);
        return timeS !== undefined && check(messageOf(timeS, text), signature.subarray(TIME_BYTES));
      });
    },
    signer(seed) {
      const signer = ed25519.signer(seed);
      return signer && {
        publicKey: signer.publicKey,
        sign(text) {
          const timeS = nowS();
          if (timeS < 0n || timeS > MAX_TIME_S) throw new TransparencyError('OUT_OF_RANGE', `A cosignature can't have the time ${timeS}.`);
          const time = Buffer.alloc(TIME_BYTES);
          time.writeBigUInt64BE(timeS);
          return Buffer.concat([time, signer.sign(messageOf(timeS, text))]);
        },
      };
    },
  };
}

/** When the witness signed, in POSIX seconds, by its own clock. Throws MALFORMED for a signature that is no cosignature. */
export function cosignatureTime({ name, signature }: NoteSignature): bigint {
  const timeS = timeOf(signature);
  if (timeS === undefined) throw new TransparencyError('MALFORMED', `The signature of ${name} is no cosignature: it has no time.`);
  return timeS;
}

function timeOf(signature: Uint8Array): bigint | undefined {
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  const timeS = Buffer.from(signature.buffer, signature.byteOffset, TIME_BYTES).readBigUInt64BE();
  return timeS > MAX_TIME_S ? undefined : timeS;
}

function messageOf(timeS: bigint, text: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`cosignature/v1\ntime ${timeS}\n`), text]);
}
