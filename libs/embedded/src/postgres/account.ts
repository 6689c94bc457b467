import { execFileSync, spawnSync } from 'node:child_process';

import { EmbeddedError } from '../embedded-error.js';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom PostgreSQL runs as. It refuses to run as root, so root needs somebody else: `postgres`, else `nobody`, else a system
 * user `postgres` made for it. Undefined for everybody but root, who run it as themselves.
 */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = lookUp('postgres') ?? lookUp('nobody');
  if (existing) return existing;
  for (const [command, ...args] of [
    ['useradd', '--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'],
    ['adduser', '-S', '-D', '-H', 'postgres'],
  ] as const) {
    spawnSync(command, args, { stdio: 'ignore' });
    const made = lookUp('postgres');
    if (made) return made;
  }
  throw new EmbeddedError(
    'NO_USER',
    'PostgreSQL does not run as root, and neither a user `postgres` nor `nobody` exists or can be made. Run Cairn as another user, or set CAIRN_DATABASE_URL.',
  );
}

function lookUp(name: string): Account | undefined {
  const ask = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    const account = { uid: ask('-u'), gid: ask('-g') };
    return account.uid === 0 ? undefined : account;
  } catch {
    return undefined;
  }
}

/** How a program of PostgreSQL is started so that it runs as the account. */
export interface Launch {
  readonly account?: Account;
  /** Goes before the program; it replaces itself with the program, so the process id stays. */
  readonly prefix: readonly string[];
}

export interface Invocation {
  readonly file: string;
  readonly args: string[];
  readonly uid?: number;
  readonly gid?: number;
}

export function invocation(launch: Launch, program: string, args: readonly string[]): Invocation {
  const [wrapper, ...wrapped] = launch.prefix;
  if (wrapper !== undefined) return { file: wrapper, args: [...wrapped, program, ...args] };
  return { file: program, args: [...args], ...launch.account };
}

/**
 * The way with the fewest rights that works: as ourselves; as the account; or, when the account cannot enter a directory on the
 * way to the programs or the data, as the account with the one capability that lets it (`CAP_DAC_OVERRIDE`, through setpriv of
 * util-linux; without `no_setuid_fixup` access(2) would ignore it). Undefined when none works: then the caller moves everything
 * to where the account can go.
 */
export function chooseLaunch(account: Account | undefined, initdb: string, directory: string): Launch | undefined {
  if (!account) return { prefix: [] };
  const { uid, gid } = account;
  const plain: Launch = { account, prefix: [] };
  const capable: Launch = {
    account,
    prefix: [
      'setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups',
      '--securebits=+no_setuid_fixup', '--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--',
    ],
  };
  return [plain, capable].find((launch) => canRun(launch, initdb) && canWrite(launch, directory));
}

/** It looks for itself before it does anything, and complains when it may not. */
function canRun(launch: Launch, initdb: string): boolean {
  const { file, args, ...identity } = invocation(launch, initdb, ['--version']);
  const tried = spawnSync(file, args, { ...identity, cwd: '/', encoding: 'utf8' });
  return tried.status === 0 && tried.stderr === '';
}

function canWrite(launch: Launch, directory: string): boolean {
  const { file, args, ...identity } = invocation(launch, '/bin/sh', ['-c', 'test -w "$1" && test -x "$1"', 'sh', directory]);
  return spawnSync(file, args, { ...identity, cwd: '/', stdio: 'ignore' }).status === 0;
}
