import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, resolve } from 'node:path';

export interface SchedulerConfig {
  /** Program name → path of a Node module. Requests choose a name; a path never comes from a request. */
  readonly programs: ReadonlyMap<string, string>;
  /** Jobs that run at once on this machine. */
  readonly slots: number;
  /** Names this scheduler among several; jobs that it left behind are found by it after a restart. */
  readonly host: string;
  /** Handed to jobs so that they can talk to the other services. */
  readonly jobToken: string | undefined;
}

const DEFAULT_SLOTS = 2;

/** Reads the scheduler's own settings; throws one error that lists every problem. */
export function readSchedulerConfig(env: NodeJS.ProcessEnv): SchedulerConfig {
  const problems: string[] = [];
  const slots = Number(env.CAIRN_SCHEDULER_SLOTS ?? DEFAULT_SLOTS);
  if (!Number.isInteger(slots) || slots < 1) problems.push('CAIRN_SCHEDULER_SLOTS must be a whole number of at least 1');
  const programs = readPrograms(env.CAIRN_SCHEDULER_PROGRAMS, problems);
  if (problems.length > 0) throw new Error(`the scheduler's settings are not usable: ${problems.join('; ')}`);
  return { programs, slots, host: env.CAIRN_SCHEDULER_NAME ?? hostname(), jobToken: env.CAIRN_SERVICE_TOKEN };
}

/** `file` holds a JSON object, program name → module path, relative to the file. */
function readPrograms(file: string | undefined, problems: string[]): ReadonlyMap<string, string> {
  if (file === undefined) return new Map();
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const entries = Object.entries(parsed as Record<string, unknown>);
    if (entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
      return new Map(entries.map(([name, path]) => [name, isAbsolute(path) ? path : resolve(file, '..', path)]));
    }
    problems.push('CAIRN_SCHEDULER_PROGRAMS must name a file with a JSON object of texts');
  } catch {
    problems.push('CAIRN_SCHEDULER_PROGRAMS must name a readable JSON file');
  }
  return new Map();
}
