import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new directory for the caller alone, who removes it. */
export function makeTempDir(purpose = 'test'): string {
  return realpathSync(mkdtempSync(join(tmpdir(), `cairn-${purpose}-`)));
}

/** A new directory that is removed when the process ends: for specs that need not check what is left. */
export function tempDir(purpose?: string): string {
  const directory = makeTempDir(purpose);
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
