import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handWritten, linesMatching, type SourceFile } from './sources.js';

const files = handWritten();
const IN_CODE = /^(?!\s*(\*|\/\/|\/\*))/;
const specs = files.filter(({ path }) => path.endsWith('.spec.ts'));
const production = files.filter(
  ({ path }) => /^(libs|services)\//.test(path) && !path.includes('.spec.') && !path.includes('/test/') && !/\/testing\//.test(path),
);

/** Fails with the places and with what to write instead. */
function expectNone(places: readonly string[], instead: string): void {
  expect(places, `${instead}\n  ${places.join('\n  ')}`).toEqual([]);
}

describe('sizes', () => {
  const sizes = production.map(({ lines }) => lines.length).sort((a, b) => a - b);

  it('keeps the median file under 100 lines and nine in ten under 250', () => {
    expect(sizes[Math.floor(sizes.length * 0.5)], 'split large files by what they are for').toBeLessThan(100);
    expect(sizes[Math.floor(sizes.length * 0.9)], 'split large files by what they are for').toBeLessThan(250);
  });

  it('has no file over 400 lines', () => {
    expectNone(
      production.filter(({ lines }) => lines.length > 400).map(({ path }) => path),
      'Split the file: one question, one file.',
    );
  });

  it('has no line over 180 characters', () => {
    expectNone(linesMatching(files, /^.{181,}$/), 'Break the line.');
  });
});

describe('specs', () => {
  it('run, all of them', () => {
    expectNone(
      linesMatching(specs, /\b(it|test|describe)\.(skip|only|todo)\b|\bxit\(|\bxdescribe\(/),
      'Mend the spec or delete it; a suite without its server fails and says how to start it.',
    );
  });

  it('do not sleep', () => {
    const sleeping = /setTimeout\(\s*(resolve|done|r)\s*,|\bsleep\(|timers\/promises/;
    expectNone(linesMatching(specs, sleeping), 'Wait for what you expect: waitUntil of @cairn/testing polls an observable condition.');
  });

  it('do not mock our own code', () => {
    expectNone(linesMatching(specs, /vi\.mock\(|vi\.spyOn\(/), 'Use the real thing: the memory event store, a temporary database, a real server.');
  });

  it('do not say that things should work', () => {
    expectNone(linesMatching(specs, /(it|test)\(['"`]should /), 'Say what happens: "refuses a second claim", not "should refuse".');
  });
});

describe('types', () => {
  it('are not escaped', () => {
    expectNone(
      codeMatching(production, /\bas unknown as\b|: any\b|<any>|as any\b|@ts-ignore|@ts-expect-error/),
      'Give it its type; parse what comes from outside.',
    );
  });

  it('keep positions exact', () => {
    expectNone(codeMatching(production, /Number\(\w*[pP]osition\)/), 'Positions are bigint in code and texts in JSON.');
  });

  it('of injected classes are imported as values in controllers and policies', () => {
    const decorated = production.filter(({ path }) => /\.(controller|dto)\.ts$|\/policies\/on-/.test(path));
    expectNone(
      linesMatching(decorated, /import type \{[^}]*(Dto|Query|Handler)\b/),
      'Import DTOs and injected classes as values: a type import switches validation or injection off.',
    );
  });
});

describe('the edge', () => {
  it('checks nested objects as objects', () => {
    const elsewhere = production.filter(({ path }) => path !== 'libs/service/src/http/nested.ts');
    expectNone(codeMatching(elsewhere, /@ValidateNested\(/), 'Use Nested or NestedEach of @cairn/service: ValidateNested takes [[]] for a list of objects.');
  });

  it('has a spec with duplicates and poison for every policy', () => {
    const policies = production.filter(({ path }) => path.includes('/policies/')).map(({ path }) => basename(path, '.ts'));
    const covered = new Set(specs.filter(({ path }) => path.endsWith('.int.spec.ts')).map(({ path }) => basename(path, '.int.spec.ts')));
    expectNone(
      policies.filter((policy) => !covered.has(policy)),
      'Write <policy>.int.spec.ts: the event handled twice changes nothing more, and one that cannot be handled ends as a dead letter.',
    );
  });
});

describe('names', () => {
  const vague = /(^|[-.])(utils?|helpers?|common|manager|mapper|base|misc)([-.]|$)/;

  it('say what a file is for', () => {
    expectNone(
      files.map(({ path }) => path).filter((path) => vague.test(basename(path, '.ts'))),
      'Name it after its role: convert (wire ↔ domain) or mapping (row ↔ domain), or the noun it holds.',
    );
  });

  it('are in kebab-case', () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.ts$/;
    expectNone(
      files.map(({ path }) => path).filter((path) => !kebab.test(basename(path))),
      'Use kebab-case with one role word at the end.',
    );
  });

  it('of policies begin with on-', () => {
    const policies = production.filter(({ path }) => path.includes('/policies/')).map(({ path }) => path);
    expectNone(
      policies.filter((path) => !basename(path).startsWith('on-')),
      'A policy is named on-<fact>.ts.',
    );
  });
});

describe('production code', () => {
  it('does not print: it logs', () => {
    expectNone(linesMatching(production, /\bconsole\.\w+\(/), 'Inject LOGGER of @cairn/service.');
  });

  it('reads the environment in one place per service', () => {
    const readers = production.filter(({ path }) => !/config|run-main|engine-child|\/testing\//.test(path) && !path.startsWith('libs/embedded/'));
    expectNone(codeMatching(readers, /process\.env\b/), 'Read settings in config.ts; hand them in.');
  });

  it('leaves no note without a reason', () => {
    expectNone(linesMatching(files.filter(notThisFile), /\b(TODO|FIXME|XXX|HACK)\b/), 'Do it, or write down why not and what it costs.');
  });

  it('has no path of somebody’s machine', () => {
    expectNone(
      linesMatching(files.filter(notThisFile), /['"`](\/root\/|\/home\/|\/Users\/|\/work\/)/),
      'Use a path relative to the repository, or the temporary directory.',
    );
  });

  it('keeps eslint on', () => {
    const unexplained = /eslint-disable(?!.* -- \S)/;
    expectNone(
      linesMatching(files.filter(notThisFile), unexplained),
      'Change the code, or the rule for everybody; where neither can be, say why after two dashes.',
    );
  });
});

/** Comments may speak of what code may not do. */
function codeMatching(sources: readonly SourceFile[], pattern: RegExp): readonly string[] {
  const code = sources.map(({ path, text, lines }) => ({ path, text, lines: lines.map((line) => (IN_CODE.test(line) ? line : '')) }));
  return linesMatching(code, pattern);
}

function notThisFile({ path }: SourceFile): boolean {
  return !path.startsWith('test/tidy/');
}
