import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new directory for the caller alone. In a spec it goes with the run's temporary files; elsewhere the caller removes it. */
export function tempDir(purpose = 'test'): string {
  return realpathSync(mkdtempSync(join(tmpdir(), `cairn-${purpose}-`)));
}
