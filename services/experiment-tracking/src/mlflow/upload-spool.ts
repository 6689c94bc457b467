import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What an upload will become. */
export interface UploadTarget {
  readonly workspace: string;
  readonly owner: { readonly kind: 'run' | 'logged-model'; readonly id: string };
  readonly path: string;
  readonly partCount: number;
}

export interface UploadedPart {
  readonly number: number;
  readonly etag: string;
}

export type SpoolCode = 'UPLOAD_NOT_FOUND' | 'PART_NOT_FOUND' | 'PART_TOO_LARGE' | 'TOO_MANY_UPLOADS';

export class UploadSpoolError extends Error {
  override readonly name = 'UploadSpoolError';

  constructor(
    readonly code: SpoolCode,
    message: string,
  ) {
    super(message);
  }
}

/** An upload is given up so long after its last part. */
export const EXPIRY_MS = 24 * 60 * 60 * 1_000;
const MAX_OPEN = 1_000;
const UPLOAD_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const ETAG = /^[0-9a-f]{64}$/;
const MANIFEST = 'upload.json';
const DONE = 'done';

/**
 * Parts of files that are uploaded in several requests, each a file in the upload's folder: `<number>-<sha256>`. A part is on disk when it is acknowledged,
 * and survives the process. The folder is one machine's: all parts of an upload have to come to it. Clocks are the caller's.
 */
export class UploadSpool {
  constructor(
    private readonly root: string,
    private readonly maxPartBytes: number,
  ) {}

  /** Throws TOO_MANY_UPLOADS. */
  async open(target: UploadTarget): Promise<string> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    if ((await readdir(this.root)).length >= MAX_OPEN) {
      throw new UploadSpoolError('TOO_MANY_UPLOADS', `There are ${MAX_OPEN} uploads in parts already. Complete or abort some, or wait until old ones expire.`);
    }
    const id = randomUUID();
    await mkdir(join(this.root, id), { mode: 0o700 });
    await writeFile(join(this.root, id, MANIFEST), JSON.stringify(target), { flush: true });
    return id;
  }

  /** Throws UPLOAD_NOT_FOUND. */
  async target(id: string): Promise<UploadTarget & { readonly isDone: boolean }> {
    const folder = this.folderOf(id);
    try {
      const target = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as UploadTarget;
      return { ...target, isDone: (await readdir(folder)).includes(DONE) };
    } catch {
      throw notFound();
    }
  }

  /** Answers the part's ETag. The same part may come again; which one counts is said at the end. An error of the source is thrown as it is. */
  async add(id: string, part: number, content: Readable): Promise<string> {
    const folder = this.folderOf(id);
    const { partCount, isDone } = await this.target(id);
    if (isDone) throw notFound();
    if (part < 1 || part > partCount) throw new UploadSpoolError('PART_NOT_FOUND', `The upload has parts 1 to ${partCount}, none with number ${part}.`);
    const staged = join(folder, `staged-${randomUUID()}`);
    const hash = createHash('sha256');
    try {
      await pipeline(content, measured(hash, this.maxPartBytes), createWriteStream(staged, { flags: 'wx', flush: true }));
      const etag = hash.digest('hex');
      await rename(staged, join(folder, `${part}-${etag}`));
      return etag;
    } catch (error) {
      await rm(staged, { force: true });
      throw error;
    }
  }

  /** The parts, one after the other. Throws PART_NOT_FOUND before anything is read. */
  async read(id: string, parts: readonly UploadedPart[]): Promise<Readable> {
    const folder = this.folderOf(id);
    const there = new Set(await readdir(folder).catch(() => []));
    const files = parts.map(({ number, etag }) => `${number}-${etag}`);
    const missing = parts.find(({ etag }, at) => !ETAG.test(etag) || !there.has(files[at] ?? ''));
    if (missing !== undefined) throw new UploadSpoolError('PART_NOT_FOUND', `Part ${missing.number} was not uploaded with the ETag "${missing.etag}".`);
    return Readable.from(chunksOf(files.map((file) => join(folder, file))));
  }

  /** Its parts are gone; that it was completed is known until it expires, so that a repeated request is answered alike. */
  async complete(id: string): Promise<void> {
    const folder = this.folderOf(id);
    await writeFile(join(folder, DONE), '', { flush: true });
    for (const name of await readdir(folder)) if (name !== DONE && name !== MANIFEST) await rm(join(folder, name), { force: true });
  }

  /** What is not there is aborted. */
  async abort(id: string): Promise<void> {
    if (UPLOAD_ID.test(id)) await rm(join(this.root, id), { recursive: true, force: true });
  }

  /** Removes uploads to which no part was added for so long. */
  async sweep(nowMs: number): Promise<void> {
    for (const name of await readdir(this.root).catch(() => [])) {
      const folder = join(this.root, name);
      const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: nowMs }));
      if (nowMs - mtimeMs > EXPIRY_MS) await rm(folder, { recursive: true, force: true });
    }
  }

  /** An id comes from a caller: only one of ours may become a path. */
  private folderOf(id: string): string {
    if (!UPLOAD_ID.test(id)) throw notFound();
    return join(this.root, id);
  }
}

function notFound(): UploadSpoolError {
  return new UploadSpoolError('UPLOAD_NOT_FOUND', 'There is no such upload: it was completed or aborted, or it has expired.');
}

function measured(hash: ReturnType<typeof createHash>, maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) return done(new UploadSpoolError('PART_TOO_LARGE', `A part has at most ${maxBytes} bytes: cut the file into smaller ones.`));
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

async function* chunksOf(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) yield* createReadStream(path, { highWaterMark: 1024 * 1024 });
}
