import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { isAlive, processIdentity } from '@cairn/embedded';

interface Owner {
  readonly pid: number;
  /** When the process started: its id alone may belong to somebody else by now. */
  readonly started: string;
}

const FILE = 'lock';
const ATTEMPTS = 5;

/** The data directory belongs to a living process. */
export class DataDirLocked extends Error {
  override readonly name = 'DataDirLocked';
}

/**
 * Takes a data directory for this process and gives a function that lets go of it. A lock that a crash left behind is taken over. Throws
 * DataDirLocked while its owner lives.
 */
export function lockDataDir(dataDir: string): () => void {
  const file = join(dataDir, FILE);
  const mine = JSON.stringify({ pid: process.pid, started: processIdentity(process.pid) ?? '' } satisfies Owner);
  // Written in full first and then linked: the lock appears at once, and only where there is none.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      try {
        linkSync(draft, file);
        return () => {
          if (read(file) === mine) rmSync(file, { force: true });
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const found = read(file);
      const owner = parse(found);
      if (owner !== undefined && isAlive(owner.pid) && processIdentity(owner.pid) === owner.started) {
        throw new DataDirLocked(`${dataDir} is in use by process ${owner.pid}. Stop that one, or use another directory with --data-dir.`);
      }
      // Somebody else may have cleared it and taken it in between; theirs stays.
      if (read(file) === found) rmSync(file, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new DataDirLocked(`${dataDir} is being taken by several processes at once. Try again.`);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string | undefined): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value === 'object' && value !== null && 'pid' in value && 'started' in value) {
      return { pid: Number(value.pid), started: String(value.started) };
    }
  } catch {
    // A torn file has no owner.
  }
  return undefined;
}
