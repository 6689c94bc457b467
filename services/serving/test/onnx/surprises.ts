import type { KnownFailure } from './known-failures.js';

/** By name of the case: what is wrong with it; undefined when it passed. */
export type Outcomes = ReadonlyMap<string, string | undefined>;

/** What nobody knew: who fails and is not listed, or otherwise than listed, who passes although listed, and who is listed and no case. */
export function surprises(outcomes: Outcomes, known: readonly KnownFailure[]): string[] {
  const listed = new Map(known.flatMap((failure) => failure.cases.map((name) => [name, failure])));
  const strangers = [...listed.keys()].filter((name) => !outcomes.has(name)).map((name) => `${name} is listed and is none of the cases`);
  const surprising = [...outcomes].flatMap(([name, problem]) => {
    const failure = listed.get(name);
    if (problem === undefined) return failure === undefined ? [] : [`${name} passes and can be taken off the list: ${failure.reason}`];
    if (failure === undefined) return [`${name} fails: ${problem}`];
    return failure.says.test(problem) ? [] : [`${name} fails otherwise than listed: ${problem}`];
  });
  return [...strangers, ...surprising];
}
