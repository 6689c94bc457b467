import { createHash, hash } from 'node:crypto';
import { Transform, type Readable, type TransformCallback } from 'node:stream';
import { ObjectStoreError } from './errors.js';

/** Names content by what it is: `sha256:` and 64 lower-case hex digits of its exact bytes. */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

export function digestOf(content: Uint8Array | string): Digest {
  return `sha256:${hash('sha256', content)}`;
}

/** Relative path or key: `sha256/ab/ab12…`. Throws NOT_FOUND for text that is no digest, so that no name can leave the store. */
export function objectKey(digest: string): string {
  if (!isDigest(digest)) throw new ObjectStoreError('NOT_FOUND', 'A digest is `sha256:` and 64 hex digits.');
  const hex = digest.slice('sha256:'.length);
  return `sha256/${hex.slice(0, 2)}/${hex}`;
}

/** Lets bytes through and knows their digest at the end. Ends with TOO_LARGE above `maxBytes`. */
export class DigestStream extends Transform {
  private readonly sha256 = createHash('sha256');
  private bytes = 0;

  constructor(private readonly maxBytes = Infinity) {
    super();
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  /** Once, when all bytes have passed. */
  digest(): Digest {
    return `sha256:${this.sha256.digest('hex')}`;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) {
      done(new ObjectStoreError('TOO_LARGE', `The content has more than ${this.maxBytes} bytes.`));
      return;
    }
    this.sha256.update(chunk);
    done(null, chunk);
  }
}

/** A DigestStream that ends with DIGEST_MISMATCH instead of its end when the bytes were not those of `expected`. */
class VerifyStream extends DigestStream {
  constructor(private readonly expected: Digest) {
    super();
  }

  override _flush(done: TransformCallback): void {
    done(this.digest() === this.expected ? null : mismatch(this.expected));
  }
}

/** A stream of the source's bytes that fails with what `asError` makes of the source's error. Who stops reading it closes the source too. */
export function verifiedStream(source: Readable, expected: Digest, asError: (cause: unknown) => ObjectStoreError): Readable {
  const verifying = new VerifyStream(expected);
  source.on('error', (cause) => verifying.destroy(asError(cause)));
  verifying.on('close', () => source.destroy());
  return source.pipe(verifying);
}

function mismatch(expected: Digest): ObjectStoreError {
  return new ObjectStoreError('DIGEST_MISMATCH', `What is stored as ${expected} has other bytes.`);
}
