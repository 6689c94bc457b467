import type { Refusal } from '@cairn/kernel';
import type { LogBatch, Param } from './commands.js';
import { defaultedBy, recordedDefaults, type Supplier } from './defaulted-tag.js';
import { refuse, type Code } from './errors.js';
import type { RunFacts } from './state.js';

/** A parameter never changes its value. That a value is a library's default may be learnt later, by whoever knows, also by a tag. */
export function newParams({ params, tags }: LogBatch['data'], state: RunFacts): readonly Param[] | Refusal<Code> {
  const tagged = defaultedBy(tags);
  if (tagged !== undefined && 'refused' in tagged) return tagged;
  const defaulted = tagged ?? recordedDefaults(state.tags);
  const keys = new Set<string>();
  const fresh: Param[] = [];
  for (const logged of params) {
    const param = withOrigin(logged, defaulted.get(logged.key));
    if (keys.has(param.key)) return refuse('DUPLICATE_PARAM', `Duplicate parameter keys have been submitted: '${param.key}'.`);
    keys.add(param.key);
    const before = state.params.get(param.key);
    const wrong = wrongOrigin(param) ?? changed(param, before, state.runId);
    if (wrong !== undefined) return wrong;
    if (before === undefined || saysMore(param, before)) fresh.push(param);
  }
  return tagged === undefined ? fresh : [...fresh, ...learnt(tagged, keys, state)];
}

/** What was logged before the tag that says who supplied it. */
function learnt(tagged: ReadonlyMap<string, Supplier>, inBatch: ReadonlySet<string>, { params }: RunFacts): Param[] {
  return [...tagged].flatMap(([key, supplier]) => {
    const before = inBatch.has(key) ? undefined : params.get(key);
    const now = before === undefined ? undefined : withOrigin({ ...before, origin: 'set' }, supplier);
    return before !== undefined && now !== undefined && saysMore(now, before) ? [now] : [];
  });
}

function withOrigin(param: Param, supplier: Supplier | undefined): Param {
  return supplier === undefined || param.origin !== 'set' ? param : { ...param, origin: 'default', ...supplier };
}

function wrongOrigin({ key, origin, library, libraryVersion }: Param): Refusal<Code> | undefined {
  if (origin !== 'set' && origin !== 'default') return refuse('INVALID_PARAM_ORIGIN', `The origin of '${key}' is '${origin}'; it must be 'set' or 'default'.`);
  if (origin === 'default' && (library === '' || libraryVersion === '')) {
    return refuse('INVALID_PARAM_ORIGIN', `'${key}' is a default: name the library and its version that supplied it.`);
  }
  return undefined;
}

function changed({ key, value }: Param, before: Param | undefined, runId: string): Refusal<Code> | undefined {
  if (before === undefined || before.value === value) return undefined;
  return refuse(
    'PARAM_CHANGED',
    `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before.value}' for run ID='${runId}'. ` +
      `Attempted logging new value '${value}'.`,
  );
}

function saysMore(param: Param, before: Param): boolean {
  return param.origin === 'default' && (before.library !== param.library || before.libraryVersion !== param.libraryVersion);
}
