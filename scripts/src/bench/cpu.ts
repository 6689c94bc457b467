import { readdirSync, readFileSync } from 'node:fs';
import { median, type Contestant } from './measure.js';

/** Linux counts the CPU time of processes in ticks of 10 ms, whatever the kernel's own clock is (USER_HZ, proc(5)). */
const TICK_MICROS = 10_000;

/** Microseconds of CPU that this process has used, in all its threads. */
export function ownCpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Microseconds of CPU of a server's process and its children, e.g. PostgreSQL's backends. Undefined where there is no /proc. */
export function serverCpuMicros(serverPid: number): number | undefined {
  try {
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap(statOf);
    return processes.filter(({ pid, parent }) => pid === serverPid || parent === serverPid).reduce((sum, { ticks }) => sum + ticks * TICK_MICROS, 0);
  } catch {
    return undefined;
  }
}

/** Fields of proc(5)'s stat behind the name, which may hold anything: state, parent, …, utime (14), stime (15). */
function statOf(pid: string): { pid: number; parent: number; ticks: number }[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
    return [{ pid: Number(pid), parent: fields[1] ?? 0, ticks: (fields[11] ?? 0) + (fields[12] ?? 0) }];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

/** A contestant whose CPU is counted beside its units. */
export interface Metered {
  readonly contestant: Contestant;
  /** Microseconds of CPU per unit: of Node, and of the server where it is known. One per round, without the one that warms up. */
  readonly node: number[];
  readonly server: number[];
}

export function metered({ name, run }: Contestant, serverPid: number): Metered {
  const [node, server]: [number[], number[]] = [[], []];
  let warm = false;
  const measured = async (forMs: number): Promise<number> => {
    const [nodeBefore, serverBefore] = [ownCpuMicros(), serverCpuMicros(serverPid)];
    const units = await run(forMs);
    if (warm) {
      node.push((ownCpuMicros() - nodeBefore) / units);
      server.push(((serverCpuMicros(serverPid) ?? 0) - (serverBefore ?? 0)) / units);
    }
    warm = true;
    return units;
  };
  return { contestant: { name, run: measured }, node, server };
}

/** Median of the ratios of all CPU per unit, round by round. */
export function cpuRatio(subject: Metered, against: Metered): number {
  const all = ({ node, server }: Metered): number[] => node.map((micros, round) => micros + (server[round] ?? 0));
  const others = all(against);
  return median(all(subject).map((micros, round) => micros / (others[round] ?? Number.NaN)));
}
