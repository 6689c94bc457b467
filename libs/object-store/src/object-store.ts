import type { Readable } from 'node:stream';
import type { Digest } from './digest.js';

export interface StoredObject {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/**
 * Content by digest. There is no overwriting and no deleting: a digest names the same bytes for ever.
 *
 * - Durable once `put` or `putFile` resolves. Putting the same bytes again is safe and changes nothing.
 * - Nothing half written is ever visible under a digest, whatever is killed when.
 * - Every read checks the bytes against the digest: what comes out is what was put in, or DIGEST_MISMATCH.
 * - A text that is no digest is NOT_FOUND, never a path.
 */
export interface ObjectStore {
  /** An error of the source stream is thrown as it is, and nothing is stored. TOO_LARGE above `maxBytes`. */
  put(content: Uint8Array | Readable, options?: { readonly maxBytes?: number }): Promise<StoredObject>;
  /** Copies a local file. */
  putFile(path: string): Promise<StoredObject>;
  /** The whole content in memory; TOO_LARGE before reading when it has more than `maxBytes`. */
  read(digest: Digest, options: { readonly maxBytes: number }): Promise<Buffer>;
  /** The content as a stream. A mismatch is known at the end only: do not act on the content before the stream has ended. */
  open(digest: Digest): Promise<Readable>;
  /** Path of a local, verified, read-only file. For tools that want a file; good for at least an hour. */
  localPath(digest: Digest): Promise<string>;
  has(digest: Digest): Promise<boolean>;
  close(): Promise<void>;
}
