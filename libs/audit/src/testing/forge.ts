import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { decodeEntries, encodeEntries } from '@cairn/transparency';
import { openPromise } from 'yauzl';
import { ZipFile } from 'yazl';

/** The files of a ZIP by name, all in memory. */
export async function filesOf(path: string): Promise<Map<string, Buffer>> {
  const zip = await openPromise(path, { autoClose: false });
  const files = new Map<string, Buffer>();
  try {
    for await (const entry of zip.eachEntry()) {
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
      files.set(entry.fileName, Buffer.concat(chunks));
    }
  } finally {
    zip.close();
  }
  return files;
}

/** A sound ZIP of these files; a name may come twice. */
export async function zipOf(path: string, files: Iterable<readonly [string, Buffer]>): Promise<void> {
  const zip = new ZipFile();
  for (const [name, bytes] of files) zip.addBuffer(bytes, name, { mtime: new Date(0) });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

/** A copy of a bundle as somebody would make it who wants it to look untouched: a sound ZIP with other content. */
export async function forge(bundle: string, copy: string, change: (files: Map<string, Buffer>) => void): Promise<string> {
  const files = await filesOf(bundle);
  change(files);
  await zipOf(copy, files);
  return copy;
}

/** Changes the entries of one file of entries. */
export function editEntries(files: Map<string, Buffer>, name: string, edit: (entries: Uint8Array[]) => Uint8Array[]): void {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`the bundle has no ${name}`);
  files.set(name, Buffer.from(encodeEntries(edit(decodeEntries(bytes)))));
}

/** The lowest bit of one byte, by default of the middle one. */
export function flipped(bytes: Uint8Array, at = Math.floor(bytes.length / 2)): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
