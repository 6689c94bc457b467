import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import type { EnvReader } from '@cairn/service';

export interface SchedulerSettings {
  /** Program name → path of a Node module. Requests choose a name; a path never comes from a request. */
  readonly programs: ReadonlyMap<string, string>;
  /** Jobs that run at once in this process. */
  readonly slots: number;
  /** Names this scheduler among several; jobs that it left behind are found by it after a restart. */
  readonly host: string;
  /** What jobs find programs of the machine by. */
  readonly path: string;
}

const PROGRAMS = 'CAIRN_SCHEDULER_PROGRAMS';

export function readSettings(env: EnvReader): SchedulerSettings {
  return {
    programs: readPrograms(env),
    slots: env.integer('CAIRN_SCHEDULER_SLOTS', { fallback: 2, min: 1, max: 256 }),
    host: env.string('CAIRN_SCHEDULER_NAME', hostname()),
    path: env.string('PATH', ''),
  };
}

/** The file holds a JSON object, program name → module path, relative to the file. */
function readPrograms(env: EnvReader): ReadonlyMap<string, string> {
  const file = env.optional(PROGRAMS);
  if (file === undefined) return new Map();
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isTextRecord(parsed)) return new Map(Object.entries(parsed).map(([name, path]) => [name, isAbsolute(path) ? path : resolve(file, '..', path)]));
    env.problem(`${PROGRAMS} must name a file with a JSON object: program name to path of a Node module.`);
  } catch {
    env.problem(`${PROGRAMS} must name a readable JSON file, but ${file} is none.`);
  }
  return new Map();
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((item) => typeof item === 'string');
}
