import { describe, expect, it } from 'vitest';
import { simpleFilter } from './simple-filter.js';

const fields = ['name', 'run_id'] as const;

describe('simpleFilter', () => {
  it.each([
    ["name='late'", { field: 'name', value: 'late' }],
    ['name = "la te"', { field: 'name', value: 'la te' }],
    ["run_id = 'r'", { field: 'run_id', value: 'r' }],
    ["name = 'late' AND tag.`mlflow.prompt.is_prompt` != 'true'", { field: 'name', value: 'late' }],
    ["tags.`mlflow.prompt.is_prompt` != 'true'", undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %s', (filter, found) => expect(simpleFilter(filter, fields)).toEqual(found));

  it.each(["name LIKE 'R%'", "name = 'a' AND run_id = 'b'", "name = 'a' OR name = 'b'", "tags.x = 'y'", "name = 'a''; drop table version; --'", "name = 'a\\'", 'name'])(
    'refuses %s',
    (filter) => expect(() => simpleFilter(filter, fields)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' })),
  );

  it('knows only the fields of what is searched', () => {
    expect(() => simpleFilter("run_id = 'r'", ['name'])).toThrow(/name = /);
  });
});
