declare module 'pg-copy-streams' {
  import type { Submittable } from 'pg';
  import type { Writable } from 'node:stream';
  /** Gives a stream to write the rows to once a client queries it. */
  export function from(text: string): Submittable & Writable;
}
