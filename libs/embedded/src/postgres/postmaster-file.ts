import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { EmbeddedError } from '../embedded-error.js';
import { until } from '../process/deadline.js';
import { commandLine, isAlive, killTree, processesIn, signal } from '../process/process-tree.js';

/** What `postmaster.pid` says; PostgreSQL writes it line by line while it starts. */
export interface PostmasterFile {
  readonly pid: number;
  readonly isReady: boolean;
}

const PID_LINE = 0;
const STATUS_LINE = 7;
const END_MS = 20_000;

export function readPostmasterFile(cluster: string): PostmasterFile | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[PID_LINE]), isReady: lines[STATUS_LINE]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/**
 * Makes way for a new server after whatever happened to the last one. A file left by a kill -9 names a process that is gone, or
 * by now somebody else's: PostgreSQL would believe in the second, so the file goes. Children that outlive their killed parent
 * still hold the shared memory and are waited for. A living server is in the way: it is an error, or it is stopped when
 * `replace` says that its owner is gone.
 */
export async function clearTheWay(cluster: string, replace: boolean): Promise<void> {
  const left = readPostmasterFile(cluster);
  if (!left) return;
  if (isPostgresOf(left.pid, cluster)) {
    if (!replace) {
      throw new EmbeddedError('DATA_DIR_IN_USE', `A PostgreSQL (process ${left.pid}) already runs on ${cluster}. Stop it, or use another data directory.`);
    }
    signal(left.pid, 'SIGINT');
    const ended = await until(END_MS, () => (isAlive(left.pid) ? undefined : true));
    if (!ended) await killTree(left.pid);
    return;
  }
  const orphans = () => processesIn(cluster).filter((pid) => commandLine(pid).startsWith('postgres'));
  const gone = await until(END_MS, () => (orphans().length === 0 ? true : undefined));
  if (!gone) for (const pid of orphans()) signal(pid, 'SIGKILL');
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

/** Process ids are used again, so a living process counts only when it is a postgres started on this very directory. */
function isPostgresOf(pid: number, cluster: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return false;
  const command = commandLine(pid);
  return command.includes('postgres') && command.includes(cluster);
}
