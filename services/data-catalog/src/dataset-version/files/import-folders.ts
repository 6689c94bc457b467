import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { DomainError } from '@cairn/kernel';
import { SERVICE_SETTINGS } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import type { CatalogSettings } from '../../config.js';

/** Decides which local files may become data. A caller learns nothing about files elsewhere, not even whether they are there. */
@Injectable()
export class ImportFolders {
  constructor(@Inject(SERVICE_SETTINGS) private readonly settings: CatalogSettings) {}

  /** The real path of a file in an allowed folder, links followed. Throws DomainError IMPORT_FORBIDDEN. */
  async admit(path: string): Promise<string> {
    const [first] = this.settings.importFolders;
    if (first !== undefined) {
      const real = await realpath(isAbsolute(path) ? path : resolve(first, path)).catch(() => undefined);
      if (real !== undefined && this.settings.importFolders.some((folder) => isInside(real, folder))) return real;
    }
    throw new DomainError(
      'IMPORT_FORBIDDEN',
      'No such file lies in a folder that this catalog may import from. Upload the file, or ask the operator to allow its folder.',
      'forbidden',
    );
  }
}

function isInside(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below !== '' && below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}
