import { realpathSync } from 'node:fs';
import { delimiter } from 'node:path';
import type { EnvReader } from '@cairn/service';

export interface CatalogSettings {
  /** Folders of this machine that files may be imported from; none by default. Real paths, without links. */
  readonly importFolders: readonly string[];
}

const IMPORT_FOLDERS = 'CAIRN_CATALOG_IMPORT_FOLDERS';

export function readSettings(env: EnvReader): CatalogSettings {
  const named = env.optional(IMPORT_FOLDERS)?.split(delimiter).filter((path) => path !== '') ?? [];
  const importFolders = named.flatMap((path) => {
    try {
      return [realpathSync(path)];
    } catch {
      env.problem(`${IMPORT_FOLDERS} names ${path}, which is not there.`);
      return [];
    }
  });
  return { importFolders };
}
