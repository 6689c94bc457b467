import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { until } from './deadline.js';

const REAP_MS = 10_000;

/** True when a process with this id exists, also when it belongs to somebody else. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  return linuxStat(pid)?.state === 'Z';
}

/**
 * Tells a process from a later one with the same id: when it started, in a form that only this machine understands. Undefined when
 * there is no such process.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxStat(pid)?.started;
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function linuxStat(pid: number): { state: string; parent: number; started: string } | undefined {
  try {
    // The program's name stands in parentheses and may itself hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function parents(): Map<number, number> {
  const found = new Map<number, number>();
  if (process.platform === 'linux') {
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      const stat = Number.isInteger(pid) ? linuxStat(pid) : undefined;
      if (stat) found.set(pid, stat.parent);
    }
    return found;
  }
  for (const line of execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n')) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    if (pid && parent !== undefined) found.set(pid, parent);
  }
  return found;
}

/** The process and everything below it, parents first. */
export function processTree(root: number): number[] {
  const tree = [root];
  const all = parents();
  for (const pid of tree) for (const [child, parent] of all) if (parent === pid) tree.push(child);
  return tree;
}

/**
 * Ends a whole tree at once, as a power cut would: the root is halted first so that it starts nothing new, then everything is
 * killed without a chance to clean up. Resolves when the system has taken them all away, which with much memory takes a moment.
 */
export async function killTree(root: number): Promise<void> {
  signal(root, 'SIGSTOP');
  const tree = processTree(root);
  for (const pid of tree) signal(pid, 'SIGKILL');
  await until(REAP_MS, () => (tree.some(isAlive) ? undefined : true));
}

/** Sends a signal; a process that is already gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The program and arguments of a process, empty when they cannot be seen. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

/** Processes whose working directory is this one. Linux only; elsewhere nothing is found. */
export function processesIn(directory: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid)) return false;
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === directory;
      } catch {
        return false;
      }
    });
}
