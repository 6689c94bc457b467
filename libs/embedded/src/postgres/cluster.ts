import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync, constants } from 'node:fs';
import { cp } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedError } from '../embedded-error.js';
import { type Account, invocation } from './account.js';
import { type Home, openHome } from './home.js';

export const SUPERUSER = 'cairn';

/** Text is ordered by code point and case follows Unicode, on every machine the same. */
const INITDB = [
  `--username=${SUPERUSER}`, '--auth=scram-sha-256', '--encoding=UTF8',
  '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions',
];

/** Makes the cluster of a home unless it has one, and gives the superuser's password. */
export async function ensureCluster(home: Home, fromTemplate: boolean): Promise<string> {
  // The version file comes first and the password last: only with both is the cluster whole.
  if (!existsSync(join(home.cluster, 'PG_VERSION')) || !existsSync(home.passwordFile)) {
    for (const left of readdirSync(home.cluster)) rmSync(join(home.cluster, left), { recursive: true });
    const template = fromTemplate ? await ensureTemplate(home.programs.version) : undefined;
    if (template) await copyCluster(template, home);
    else await initialise(home);
  }
  return readFileSync(home.passwordFile, 'utf8').trim();
}

async function initialise(home: Home): Promise<void> {
  const password = randomBytes(24).toString('base64url');
  // /dev/stdin would be refused once the user has changed, so the password travels in a file that the server's user owns.
  const handover = join(home.cluster, '..', `.password-${process.pid}-${randomBytes(4).toString('hex')}`);
  writeFileSync(handover, `${password}\n`, { mode: 0o600, flag: 'wx' });
  if (home.launch.account) own(handover, home.launch.account);
  try {
    await run(home, home.programs.initdb, [`--pgdata=${home.cluster}`, `--pwfile=${handover}`, ...INITDB]);
  } finally {
    rmSync(handover, { force: true });
  }
  writeFileSync(home.passwordFile, `${password}\n`, { mode: 0o600 });
}

function run(home: Home, program: string, args: readonly string[]): Promise<void> {
  const { file, args: all, ...identity } = invocation(home.launch, program, args);
  return new Promise((resolve, reject) => {
    const child = spawn(file, all, { ...identity, cwd: '/', env: { ...process.env, LC_ALL: 'C' }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new EmbeddedError('START_FAILED', `PostgreSQL's ${program} ended with ${code}: ${said.trim()}`));
    });
  });
}

/**
 * A fresh cluster to copy from, in the user's own cache: initdb takes a second or two, a copy a fraction of one. Only this user
 * can write there, so nobody plants a cluster. Undefined when there is no such place. Many processes may ask at once: each
 * builds its own and the first to finish names it.
 */
async function ensureTemplate(version: string): Promise<string | undefined> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cairn');
  const template = join(cache, `postgres-${version}-${process.arch}`);
  if (existsSync(template)) return template;
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
  } catch {
    return undefined;
  }
  const draft = join(cache, `.draft-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    const home = openHome(draft);
    await initialise(home);
    // A cluster that had to live elsewhere is brought home, so that a template is always one directory.
    if (home.moved) cpSync(home.cluster, join(draft, 'cluster'), { recursive: true });
    renameSync(draft, template);
  } catch (error) {
    if (!existsSync(template)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return template;
}

async function copyCluster(template: string, home: Home): Promise<void> {
  await cp(join(template, 'cluster'), home.cluster, { recursive: true, mode: constants.COPYFILE_FICLONE });
  if (home.launch.account) ownAll(home.cluster, home.launch.account);
  cpSync(join(template, 'password'), home.passwordFile);
}

function ownAll(directory: string, account: Account): void {
  own(directory, account);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) ownAll(path, account);
    else own(path, account);
  }
}

function own(path: string, { uid, gid }: Account): void {
  chownSync(path, uid, gid);
}
