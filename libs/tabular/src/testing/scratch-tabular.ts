import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tabular } from '../tabular.js';

/** A `Tabular` in a directory of its own, which goes with it. */
export async function scratchTabular(): Promise<{ tabular: Tabular; directory: string; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'cairn-tabular-'));
  const tabular = await Tabular.start({ directory });
  return {
    tabular,
    directory,
    close: async () => {
      await tabular.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
