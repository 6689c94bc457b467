import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { chooseLaunch, type Launch, serverAccount } from './account.js';
import { findPrograms, type Programs, programsIn } from './programs.js';

/** Where one cluster lives and how its programs are started. */
export interface Home {
  readonly programs: Programs;
  readonly launch: Launch;
  /** PostgreSQL's own data directory; it alone writes there. */
  readonly cluster: string;
  /** The superuser's password, readable for us alone. */
  readonly passwordFile: string;
  readonly logFile: string;
  /** Set when the cluster had to move out of the data directory; a sentence for the person at the terminal. */
  readonly moved?: string;
}

/** Where anybody can go: for root in a container that may not give capabilities away. */
const REFUGE = '/var/tmp/cairn-postgres-';

/** Prepares `dataDir`; makes no cluster yet. */
export function openHome(dataDir: string, choose = chooseLaunch): Home {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const real = realpathSync(dataDir);
  const programs = findPrograms();
  const account = serverAccount();
  const own = { passwordFile: join(real, 'password'), logFile: join(real, 'postgres.log') };
  const area = join(real, 'cluster');
  mkdirSync(area, { recursive: true, mode: 0o700 });
  // PostgreSQL insists on a directory that is closed to others.
  chmodSync(area, 0o700);
  if (account) chownSync(area, account.uid, account.gid);
  // Root's directory must let the account through; the cluster below it is closed to everybody else.
  if (account) chmodSync(real, 0o711);
  const launch = choose(account, programs.initdb, area);
  if (launch) return { programs, launch, cluster: area, ...own };
  return takeRefuge(real, programs, { ...(account ? { account } : {}), prefix: [] }, own);
}

/** A file in the data directory names the refuge. Without the file (data directory cleared) a new, empty refuge is made. */
function takeRefuge(dataDir: string, programs: Programs, launch: Launch, own: Pick<Home, 'passwordFile' | 'logFile'>): Home {
  const pointer = join(dataDir, 'moved-to');
  let refuge = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : '';
  if (!refuge.startsWith(REFUGE) || !existsSync(refuge)) {
    refuge = mkdtempSync(REFUGE);
    if (launch.account) chownSync(refuge, launch.account.uid, launch.account.gid);
    writeFileSync(pointer, `${refuge}\n`, { mode: 0o600 });
    rmSync(own.passwordFile, { force: true });
  }
  const moved = programsIn(join(refuge, `programs-${programs.version}`), programs.version);
  if (!existsSync(moved.postgres)) cpSync(programs.root, moved.root, { recursive: true, verbatimSymlinks: true });
  const cluster = join(refuge, 'cluster');
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  if (launch.account) chownSync(cluster, launch.account.uid, launch.account.gid);
  const reason = `PostgreSQL may not enter ${dataDir} as the user it runs as, so its data is in ${refuge} (named in ${pointer}).`;
  return { programs: moved, launch, cluster, moved: reason, ...own };
}
