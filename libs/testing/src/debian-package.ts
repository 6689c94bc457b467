import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runApt } from '@cairn/embedded';

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Hex, of the `.deb`. */
  readonly sha256: string;
}

/**
 * The folder of an unpacked package, fetched once and kept in the user's cache; nothing is installed and nobody needs to be root. Throws when it can't be fetched, or
 * is another one than its digest says. Safe to call by many at once.
 */
export function debianPackage(wanted: DebianPackage, cache = userCache()): string {
  const title = `${wanted.name}-${wanted.version}`;
  const folder = join(cache, title);
  if (existsSync(folder)) return folder;
  const draft = join(cache, `.draft-${title}-${randomBytes(4).toString('hex')}`);
  try {
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    const content = join(draft, 'content');
    execFileSync('dpkg-deb', ['-x', fetched(wanted, draft), content]);
    move(content, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

/** The file, as its digest says. */
function fetched({ name, version, sha256 }: DebianPackage, draft: string): string {
  // Root would otherwise be told that apt's own user can't write here.
  const command = ['-qq', '-o', 'APT::Sandbox::User=root', 'download', `${name}=${version}`];
  // A fresh image has no package lists yet.
  const isFetched = runApt(command, draft) || (runApt(['-qq', 'update']) && runApt(command, draft));
  const file = isFetched ? readdirSync(draft).find((entry) => entry.endsWith('.deb')) : undefined;
  if (file === undefined) throw new Error(`apt-get can't fetch ${name} ${version} of Debian here.`);
  const path = join(draft, file);
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (digest !== sha256) throw new Error(`${name} ${version} has the digest ${digest} instead of ${sha256}.`);
  return path;
}

/** Whole or not at all. Where somebody else was faster, theirs stays: it has the same digest. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

function userCache(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cairn');
}
