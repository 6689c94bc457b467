import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

const NEWLINE = 0x0a;
const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** The texts of a range of events, as they lie in one object: a line of UTF-8 each, in the log's order, compressed by gzip. Canonical JSON has no line break of its own. */
export interface PackedSegment {
  /** Uncompressed. */
  readonly text: Buffer;
  readonly packed: Buffer;
}

export async function packSegment(bodies: readonly string[]): Promise<PackedSegment> {
  const text = Buffer.from(bodies.map((body) => `${body}\n`).join(''));
  return { text, packed: await compress(text) };
}

/** A segment in memory: its bytes, and where each line begins. */
export class OpenSegment {
  private constructor(
    private readonly text: Buffer,
    private readonly starts: Uint32Array,
  ) {}

  /** Throws when it isn't gzip, or has more or fewer lines or bytes than expected. */
  static async open(packed: Uint8Array, expected: { readonly events: number; readonly textBytes: number }): Promise<OpenSegment> {
    const text = await decompress(packed, { maxOutputLength: expected.textBytes });
    const starts = new Uint32Array(expected.events + 1);
    let lines = 0;
    for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) {
      lines += 1;
      if (lines <= expected.events) starts[lines] = at + 1;
    }
    if (lines !== expected.events || text.length !== expected.textBytes || starts[lines] !== text.length) {
      throw new RangeError(`The segment has ${lines} lines in ${text.length} bytes, not ${expected.events} in ${expected.textBytes}.`);
    }
    return new OpenSegment(text, starts);
  }

  /** In memory. */
  get sizeBytes(): number {
    return this.text.length + this.starts.byteLength;
  }

  /** From 0; undefined beyond the end. */
  body(index: number): string | undefined {
    const [start, end] = [this.starts[index], this.starts[index + 1]];
    return start === undefined || end === undefined ? undefined : this.text.toString('utf8', start, end - 1);
  }

  hasText(text: Buffer): boolean {
    return this.text.equals(text);
  }
}
