import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl';
import { AuditError } from './errors.js';
import { BundleRefused, refused } from './finding.js';
import { MAX_FILES, maxBytesOf } from './layout.js';

const STORED = 0;
const DEFLATED = 8;

/**
 * The ZIP file of a bundle, read by name, one file at a time. What cannot be a bundle is refused before anything is inflated: two files of one name, files that share
 * bytes, a size that its kind can't have. Memory: the list of names, and the file that is read.
 */
export class BundleFile {
  private constructor(
    private readonly handle: FileHandle,
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  /** Throws AuditError FILE_UNREADABLE when there is no file to read, and BundleRefused for one that is no bundle. */
  static async open(path: string): Promise<BundleFile> {
    const handle = await openFile(path);
    try {
      const zip = await fromFdPromise(handle.fd, { autoClose: false, strictFileNames: true }).catch((cause: unknown) => {
        throw refused('NOT_A_BUNDLE', 'The file is no ZIP file, or was cut.', {}, cause);
      });
      if (zip.entryCount > MAX_FILES) throw refused('NOT_A_BUNDLE', `The file holds ${zip.entryCount} files; a bundle has at most ${MAX_FILES}.`);
      return new BundleFile(handle, zip, await listEntries(zip));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get names(): IterableIterator<string> {
    return this.entries.keys();
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Throws BundleRefused when it is missing or damaged. */
  async read(name: string): Promise<Buffer> {
    const bytes = await this.readIfThere(name);
    if (bytes === undefined) throw refused('NOT_A_BUNDLE', `The file ${name} is missing.`, { file: name });
    return bytes;
  }

  async readIfThere(name: string): Promise<Buffer | undefined> {
    const content = await this.content(name);
    if (content !== undefined && !content.isSound) throw badChecksum(name);
    return content?.bytes;
  }

  /** Calls `look` with what is there before the checksum is judged: where it is wrong, `look` may know better what happened. */
  async readThen(name: string, look: (bytes: Buffer) => void): Promise<void> {
    const content = await this.content(name);
    if (content === undefined) throw refused('NOT_A_BUNDLE', `The file ${name} is missing.`, { file: name });
    look(content.bytes);
    if (!content.isSound) throw badChecksum(name);
  }

  async text(name: string): Promise<string> {
    return utf8(await this.read(name), name);
  }

  async textIfThere(name: string): Promise<string | undefined> {
    const bytes = await this.readIfThere(name);
    return bytes === undefined ? undefined : utf8(bytes, name);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async content(name: string): Promise<{ readonly bytes: Buffer; readonly isSound: boolean } | undefined> {
    const entry = this.entries.get(name);
    if (entry === undefined) return undefined;
    const chunks: Buffer[] = [];
    try {
      const { fileName } = await this.zip.readLocalFileHeaderPromise(entry);
      if (fileName.toString('utf8') !== name) throw new Error('the name in front of the content is another one');
      for await (const chunk of await this.zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    } catch (cause) {
      throw refused('DAMAGED', `The file ${name} can not be read.`, { file: name }, cause);
    }
    const bytes = Buffer.concat(chunks);
    return { bytes, isSound: crc32(bytes) === entry.crc32 };
  }
}

function badChecksum(name: string): Error {
  return refused('DAMAGED', `The checksum of the file ${name} is wrong.`, { file: name });
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const handle = await open(path, 'r');
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (cause) {
    throw new AuditError('FILE_UNREADABLE', `The file ${path} can not be read.`, { cause });
  }
  throw new AuditError('FILE_UNREADABLE', `${path} is no file.`);
}

async function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  let compressedBytes = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      const { fileName, compressionMethod, uncompressedSize } = entry;
      if (entries.has(fileName)) throw refused('NOT_A_BUNDLE', `The file ${fileName} is there twice.`, { file: fileName });
      if (entry.isEncrypted() || (compressionMethod !== STORED && compressionMethod !== DEFLATED)) {
        throw refused('NOT_A_BUNDLE', `The file ${fileName} is neither stored nor deflated.`, { file: fileName });
      }
      const maxBytes = maxBytesOf(fileName);
      if (uncompressedSize > maxBytes) throw refused('TOO_LARGE', `The file ${fileName} has ${uncompressedSize} bytes; it can have at most ${maxBytes}.`, { file: fileName });
      compressedBytes += entry.compressedSize;
      // Files that share their bytes make a small ZIP inflate to any size.
      if (compressedBytes > zip.fileSize) throw refused('TOO_LARGE', 'The files together are larger than the ZIP file: some of them overlap.');
      entries.set(fileName, entry);
    }
  } catch (error) {
    if (error instanceof BundleRefused) throw error;
    throw refused('NOT_A_BUNDLE', 'The list of files in the ZIP file is damaged.', {}, error);
  }
  return entries;
}

/** Text is compared and signed as bytes, so none may be lost in reading it. */
function utf8(bytes: Buffer, name: string): string {
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) throw refused('DAMAGED', `The file ${name} is no UTF-8 text.`, { file: name });
  return text;
}
