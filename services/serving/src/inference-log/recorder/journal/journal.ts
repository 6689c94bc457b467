import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { JournalHeader } from './journal-header.js';

const sync = promisify(fdatasync);

/**
 * A file that rows go to before they are in a segment. What `append` returned from survives the death of the process; what `sync` resolved for survives that of the machine.
 * Written synchronously: handing a few hundred bytes to the kernel takes less than asking a thread to do it.
 */
export class Journal {
  private isDirty = true;
  private syncing: Promise<void> | undefined;

  private constructor(
    readonly path: string,
    private readonly file: number,
    private written: number,
  ) {}

  /** Throws when the file exists or can't be written; then there is nothing to append to. */
  static create(path: string, header: JournalHeader): Journal {
    const file = openSync(path, 'wx', 0o600);
    const line = Buffer.from(`${JSON.stringify(header)}\n`);
    try {
      writeAll(file, line, 0);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    return new Journal(path, file, line.length);
  }

  get bytes(): number {
    return this.written;
  }

  /** Throws when the block is not written whole; the next one takes its place then. */
  append(block: Buffer): void {
    writeAll(this.file, block, this.written);
    this.written += block.length;
    this.isDirty = true;
  }

  /** One at a time; what comes meanwhile waits for the next. */
  async sync(): Promise<void> {
    await this.syncing?.catch(() => undefined);
    if (!this.isDirty) return;
    this.isDirty = false;
    this.syncing = sync(this.file).catch((error: unknown) => {
      this.isDirty = true;
      throw error;
    });
    await this.syncing;
  }

  /** The file stays. */
  async close(): Promise<void> {
    await this.syncing?.catch(() => undefined);
    closeSync(this.file);
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }
}

function writeAll(file: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, position + at);
}
