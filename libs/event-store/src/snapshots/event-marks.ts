const BYTES_PER_MARK = 4;

/**
 * Remembers the ids of a stream's events in 4 bytes each, in the order of their revisions: enough to say of a command that it is new, or at which few revisions
 * to look. Two ids share a mark once in 4 billion, so whoever finds one reads the event there.
 */
export class EventMarks {
  private marks: Uint32Array;
  private filled: number;

  constructor(marks = new Uint32Array(16), filled = 0) {
    this.marks = marks;
    this.filled = filled;
  }

  /** Number of events. */
  get size(): number {
    return this.filled;
  }

  /** In memory, room to grow included. */
  get byteLength(): number {
    return this.marks.byteLength;
  }

  /** Revisions come in their order; one that comes again, as when a stream is loaded twice at once, changes nothing. */
  add(revision: bigint, id: string): void {
    const index = Number(revision);
    if (index >= this.marks.length) {
      const larger = new Uint32Array(this.marks.length * 2);
      larger.set(this.marks);
      this.marks = larger;
    }
    this.marks[index] = markOf(id);
    this.filled = Math.max(this.filled, index + 1);
  }

  /** Where an event with this id may lie; nowhere else. */
  *revisionsOf(id: string): Iterable<bigint> {
    const mark = markOf(id);
    for (let index = this.marks.indexOf(mark); index >= 0 && index < this.filled; index = this.marks.indexOf(mark, index + 1)) yield BigInt(index);
  }

  /** The first `size` marks, big-endian, in base64. */
  toText(size: number): string {
    const bytes = Buffer.alloc(size * BYTES_PER_MARK);
    for (let index = 0; index < size; index += 1) bytes.writeUInt32BE(this.marks[index] ?? 0, index * BYTES_PER_MARK);
    return bytes.toString('base64');
  }

  static fromText(text: string): EventMarks {
    const bytes = Buffer.from(text, 'base64');
    const size = Math.floor(bytes.length / BYTES_PER_MARK);
    const marks = new Uint32Array(Math.max(16, size));
    for (let index = 0; index < size; index += 1) marks[index] = bytes.readUInt32BE(index * BYTES_PER_MARK);
    return new EventMarks(marks, size);
  }
}

/** The end of an id: derived from the command in every version of UUID that `eventIdOf` gives, while its beginning may be a time. */
function markOf(id: string): number {
  return parseInt(id.slice(-8), 16) >>> 0;
}
