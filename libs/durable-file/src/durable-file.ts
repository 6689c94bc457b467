import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Undefined when there is no such file. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The old text or the new one, whatever happens meanwhile; on disk when it resolves. */
export async function replaceText(path: string, text: string, mode: number): Promise<void> {
  await writeWhole(path, text, mode, (temporary) => rename(temporary, path));
}

/** The text, unless a file is there already: of several who create at once one does, and nobody sees half of it. On disk when it resolves. */
export async function createText(path: string, text: string, mode: number): Promise<void> {
  if ((await readText(path)) !== undefined) return;
  await writeWhole(path, text, mode, async (temporary) => {
    try {
      await link(temporary, path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    await rm(temporary);
  });
}

async function writeWhole(path: string, text: string, mode: number, publish: (temporary: string) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await publish(temporary);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
