import type { Param } from './commands.js';

export interface ComparedRun {
  readonly runId: string;
  readonly params: readonly Param[];
}

/**
 * `none`: the same value everywhere, from the same kind of origin. `origin`: the same value, which some chose and others were given. `chosen`: callers set other values.
 * `defaulted`: they differ because some left it to a default. `default_changed`: a library gave another value at another version. `absent`: not every run has it.
 */
export type Difference = 'none' | 'origin' | 'chosen' | 'defaulted' | 'default_changed' | 'absent';

export interface ComparedParam {
  readonly key: string;
  readonly same: boolean;
  readonly difference: Difference;
  /** What is behind a difference, for a person; empty when there is none. */
  readonly sentence: string;
  /** In the order of the runs; null where a run has no such parameter. */
  readonly values: readonly (Param | null)[];
}

/** Parameters by name. Differences by what was really chosen: two runs may differ in a value that nobody chose, and agree in one that only one of them chose. */
export function compareParams(runs: readonly ComparedRun[]): ComparedParam[] {
  const byRun = runs.map(({ params }) => new Map(params.map((param) => [param.key, param])));
  const keys = [...new Set(runs.flatMap(({ params }) => params.map(({ key }) => key)))].sort();
  return keys.map((key) => compareOne(key, byRun.map((params) => params.get(key) ?? null)));
}

function compareOne(key: string, values: readonly (Param | null)[]): ComparedParam {
  const present = values.filter((value) => value !== null);
  const isSame = present.length === values.length && new Set(present.map(({ value }) => value)).size === 1;
  const difference = isSame ? sameDifference(present) : otherDifference(values, present);
  return { key, same: isSame, difference, sentence: sentenceOf(key, difference, present), values };
}

function sameDifference(present: readonly Param[]): Difference {
  return new Set(present.map(({ origin }) => origin)).size === 1 ? 'none' : 'origin';
}

function otherDifference(values: readonly (Param | null)[], present: readonly Param[]): Difference {
  if (changedDefault(present) !== undefined) return 'default_changed';
  if (present.length < values.length) return 'absent';
  return present.some(({ origin }) => origin === 'default') ? 'defaulted' : 'chosen';
}

/** Two values that the same library gave at two versions. */
function changedDefault(present: readonly Param[]): readonly [Param, Param] | undefined {
  const defaults = present.filter(({ origin }) => origin === 'default');
  for (const one of defaults) {
    const other = defaults.find(({ library, libraryVersion, value }) => library === one.library && libraryVersion !== one.libraryVersion && value !== one.value);
    if (other !== undefined) return [one, other];
  }
  return undefined;
}

function sentenceOf(key: string, difference: Difference, present: readonly Param[]): string {
  switch (difference) {
    case 'none':
      return '';
    case 'origin':
      return `${key} is ${present[0]?.value ?? ''} everywhere, but only some chose it: ${origins(present)}.`;
    case 'chosen':
      return `${key} was set to ${distinct(present.map(({ value }) => value)).join(', ')}.`;
    case 'defaulted':
      return `${key} differs where it was not chosen: ${origins(present)}.`;
    case 'default_changed': {
      const [one, other] = changedDefault(present) ?? [];
      if (one === undefined || other === undefined) return '';
      const versions = `${one.value} at version ${one.libraryVersion} and ${other.value} at ${other.libraryVersion}`;
      return `The default of ${key} in ${one.library} is ${versions}: nobody chose this difference.`;
    }
    case 'absent':
      return `${key} was not recorded by every run: ${origins(present)}.`;
    default: {
      const unhandled: never = difference;
      return unhandled;
    }
  }
}

function origins(present: readonly Param[]): string {
  const said = present.map(({ value, origin, library, libraryVersion }) => (origin === 'default' ? `${value} is the default of ${library} ${libraryVersion}` : `${value} was set`));
  return distinct(said).join('; ');
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
