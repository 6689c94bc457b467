import { existsSync } from 'node:fs';
import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NotDone } from './exit.js';

export async function readGiven(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new NotDone(`The file ${path} can not be read.`, { cause });
  }
}

/** A key is short enough to be typed, and as often in a file. */
export async function keyOrFile(given: string): Promise<string> {
  return existsSync(given) ? readGiven(given) : given;
}

/** The file appears under its name when `write` has resolved and everything is on disk; when it rejects there is none. */
export async function writeDurably(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'wx').catch((cause: unknown) => {
      throw new NotDone(`The file ${path} can not be written.`, { cause });
    });
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}
