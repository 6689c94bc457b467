import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import { JournalFolder } from './journal-folder.js';
import { bootId } from './journal-header.js';

const DEAD = `p-${bootId().slice(0, 8) || '00000000'}-00000000000000ff`;
const ELSEWHERE = 'p-ffffffff-00000000000000ff';

/** What a process that was killed leaves: a folder, and a socket that nobody listens on. */
function left(parent: string, files: readonly string[], name = DEAD): void {
  mkdirSync(join(parent, name), { recursive: true });
  for (const file of files) writeFileSync(join(parent, name, file), file);
}

describe('JournalFolder', () => {
  it('takes over what the dead have left, once', async () => {
    const parent = tempDir('folders');
    const names = Array.from({ length: 50 }, (_, index) => `${index}.journal`);
    left(parent, [...names, 'half.parquet']);
    const folders = await Promise.all([JournalFolder.open(parent), JournalFolder.open(parent), JournalFolder.open(parent)]);
    const adopted = await Promise.all(folders.map((folder) => folder.adopt()));
    expect(adopted.flat().map((path) => path.split('/').at(-1)).sort()).toEqual([...names].sort());
    for (const path of adopted.flat()) expect(existsSync(path)).toBe(true);
    expect(existsSync(join(parent, DEAD))).toBe(false);
    await Promise.all(folders.map((folder) => folder.close()));
  });

  it('leaves the living alone, and is found when it is closed with journals in it', async () => {
    const parent = tempDir('folders');
    const [one, two] = [await JournalFolder.open(parent), await JournalFolder.open(parent)];
    writeFileSync(join(one.path, 'a.journal'), '');
    expect(await two.adopt()).toEqual([]);
    await one.close();
    expect(await two.adopt()).toEqual([join(two.path, 'a.journal')]);
    await two.close();
  });

  it('takes over from another machine, or from before a start of this one, when there was no sign for two minutes', async () => {
    const parent = tempDir('folders');
    left(parent, ['a.journal'], ELSEWHERE);
    const sign = join(parent, `${ELSEWHERE}.sign`);
    writeFileSync(sign, '1');
    const folder = await JournalFolder.open(parent);
    expect(await folder.adopt()).toEqual([]);
    const longAgo = new Date(Date.now() - 130_000);
    utimesSync(sign, longAgo, longAgo);
    expect(await folder.adopt()).toEqual([join(folder.path, 'a.journal')]);
    expect(existsSync(sign)).toBe(false);
    await folder.close();
  });

  it('leaves nothing behind when there is nothing to leave', async () => {
    const parent = tempDir('folders');
    const folder = await JournalFolder.open(parent);
    await folder.close();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('works below a path that is longer than a socket’s may be', async () => {
    const parent = join(tempDir('folders'), 'x'.repeat(200));
    const [one, two] = [await JournalFolder.open(parent), await JournalFolder.open(parent)];
    expect(await two.adopt()).toEqual([]);
    await one.close();
    await two.close();
  });
});
