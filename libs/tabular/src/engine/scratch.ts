import { constants } from 'node:fs';
import { copyFile, link, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { TabularError } from '../errors.js';

const PREFIX = 'engine-';

/**
 * The one directory that the engine can see. Files reach it as hard links under fresh names (as copies where the file system differs), so a
 * statement reads what its request was handed and nothing else, whatever its text says.
 */
export class Scratch {
  private constructor(readonly directory: string) {}

  /** Also removes what processes that are gone left in `parent`. */
  static async create(parent: string): Promise<Scratch> {
    await mkdir(parent, { recursive: true });
    await removeOrphans(parent);
    const created = await mkdtemp(join(resolve(parent), `${PREFIX}${process.pid}-`));
    const directory = await realpath(created);
    for (const name of ['in', 'out', 'spill']) await mkdir(join(directory, name));
    return new Scratch(directory);
  }

  /** Path under which the engine may read the file. The caller removes it after the request. */
  async admit(path: string): Promise<string> {
    const target = join(this.directory, 'in', `${randomUUID()}.parquet`);
    try {
      const source = await realpath(path);
      await link(source, target).catch(() => copyFile(source, target, constants.COPYFILE_FICLONE));
      return target;
    } catch (error) {
      throw new TabularError('FILE_UNREADABLE', 'A file of the request cannot be read.', { cause: error });
    }
  }

  newOutputPath(): string {
    return join(this.directory, 'out', `${randomUUID()}.parquet`);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function removeOrphans(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = Number(/^engine-(\d+)-/.exec(name)?.[1]);
    if (Number.isInteger(pid) && !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
