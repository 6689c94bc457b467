import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, zipOf, type Files } from './zip-files.js';

const LENGTH_BYTES = 2;
/** The first whole tile of entries; the bundle of the spec has one. */
const ENTRIES = 'tile/entries/000';

/** Each makes a sound ZIP whose content is not what the log committed to. The position is where an entry is bad first, when entries are. */
const tamperings: readonly { readonly name: string; readonly position?: number; change(files: Files): void }[] = [
  { name: 'entry-byte', position: 17, change: (files) => editEntries(files, (entries) => entries.with(17, flipped(entries[17]))) },
  { name: 'entry-removed', position: 90, change: (files) => editEntries(files, (entries) => entries.toSpliced(90, 1)) },
  { name: 'entry-added', position: 91, change: (files) => editEntries(files, (entries) => entries.toSpliced(91, 0, entries[5] ?? Buffer.alloc(0))) },
  { name: 'entries-swapped', position: 30, change: (files) => editEntries(files, (entries) => entries.with(30, entries[31] as Buffer).with(31, entries[30] as Buffer)) },
  { name: 'leaf-tile-byte', change: (files) => edit(files, 'tile/0/000', flipped) },
  { name: 'upper-tile-byte', change: (files) => edit(files, [...files.keys()].find((name) => name.startsWith('tile/1/')) ?? 'tile/1/000', flipped) },
  { name: 'checkpoint-byte', change: (files) => edit(files, 'checkpoint', (bytes) => flipped(bytes, bytes.indexOf('\n') + 1)) },
  { name: 'key-byte', change: (files) => edit(files, 'keys/log', flipped) },
  { name: 'tile-missing', change: (files) => files.delete('tile/0/000') },
  { name: 'file-unknown', change: (files) => files.set('notes.txt', Buffer.from('trust me')) },
];

export interface TamperedCopy {
  readonly path: string;
  readonly position?: number;
}

/** Writes `bad-<what was done>.zip` for every kind of tampering. */
export async function tamperedCopies(bundle: string, folder: string): Promise<TamperedCopy[]> {
  const files = await filesOf(bundle);
  const copies: TamperedCopy[] = [];
  for (const { name, position, change } of tamperings) {
    const changed = new Map(files);
    change(changed);
    copies.push({ path: await zipOf(join(folder, `bad-${name}.zip`), changed), ...(position !== undefined && { position }) });
  }
  copies.push({ path: await zipOf(join(folder, 'bad-twice.zip'), [...files, ['checkpoint', files.get('checkpoint') ?? Buffer.alloc(0)]]) });
  const cut = join(folder, 'bad-cut.zip');
  writeFileSync(cut, readFileSync(bundle).subarray(0, -100));
  return [...copies, { path: cut }];
}

function edit(files: Files, name: string, by: (bytes: Buffer) => Buffer): void {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`the bundle has no ${name}, only ${[...files.keys()].join(', ')}`);
  files.set(name, by(bytes));
}

function editEntries(files: Files, by: (entries: Buffer[]) => Buffer[]): void {
  edit(files, ENTRIES, (bytes) => {
    const entries: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += LENGTH_BYTES + (entries.at(-1)?.length ?? 0)) {
      entries.push(bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + bytes.readUInt16BE(at)));
    }
    return Buffer.concat(by(entries).flatMap((entry) => [Buffer.from([entry.length >> 8, entry.length & 255]), entry]));
  });
}

/** The lowest bit of one byte, by default of the middle one. */
function flipped(bytes: Buffer = Buffer.alloc(0), at = Math.floor(bytes.length / 2)): Buffer {
  return Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
}
