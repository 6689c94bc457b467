import { describe, expect, it } from 'vitest';
import { comparisonSql, termSql } from './comparison-sql.js';
import { filterTerms, type FilterRules } from './filter-terms.js';
import { parseFilter } from './parse-filter.js';

const rules: FilterRules<'status' | 'run_id' | 'start_time_ms', 'metric' | 'param' | 'dataset'> = {
  texts: { status: 'status', run_id: 'run_id' },
  lists: ['run_id'],
  numbers: { start_time: 'start_time_ms', created: 'start_time_ms' },
  keyed: { metrics: 'metric', metric: 'metric', params: 'param', datasets: 'dataset' },
  fixedKeys: { dataset: ['name', 'digest'] },
};
const termsOf = (filter: string) => filterTerms(parseFilter(filter), rules);
const refused = (message: string) => expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(message) });

describe('filterTerms', () => {
  it('finds what each condition compares', () => {
    expect(termsOf("metric.auc > 0.7 AND params.c = '1' AND attribute.status ILIKE 'f%' AND created < 5 AND run_id NOT IN ('a') AND datasets.name IN ('d')")).toEqual([
      { by: 'metric', key: 'auc', comparator: '>', value: 0.7 },
      { by: 'param', key: 'c', comparator: '=', value: '1' },
      { by: 'column', column: 'status', comparator: 'ILIKE', value: 'f%' },
      { by: 'column', column: 'start_time_ms', comparator: '<', value: 5 },
      { by: 'column', column: 'run_id', comparator: 'NOT IN', value: ['a'] },
      { by: 'dataset', key: 'name', comparator: 'IN', value: ['d'] },
    ]);
  });

  it.each([
    ['created > 1.5', '>', 1],
    ['created <= 1.5', '<=', 1],
    ['created < 1.5', '<', 2],
    ['created >= 1.5', '>=', 2],
    ['created != -9007199254740991', '!=', -9_007_199_254_740_991],
  ])('compares whole numbers in %s', (filter, comparator, value) => {
    expect(termsOf(filter)).toEqual([{ by: 'column', column: 'start_time_ms', comparator, value }]);
  });

  it('knows the size of a column', () => {
    expect(filterTerms(parseFilter('created < 7'), { ...rules, maxNumber: 7 })).toHaveLength(1);
    expect(() => filterTerms(parseFilter('created < 8'), { ...rules, maxNumber: 7 })).toThrow(refused('write a whole number between -7 and 7'));
  });

  it.each([
    ['a time beyond 64 bits', 'created > 99999999999999999999', 'Invalid value 100000000000000000000 for created'],
    ['a time beyond a double', 'attribute.created > 1e999', 'Invalid value Infinity for attribute.created'],
    ['a time that equals no whole number', 'created = 1.5', 'write a whole number'],
    ['a metric with a text', "metrics.auc > '0.7'", 'Expected numeric value type for metrics.auc'],
    ['a metric with LIKE', "metrics.auc LIKE '0.7'", "Invalid comparator 'LIKE'"],
    ['a parameter with a number', 'params.c = 1', 'Expected a quoted string value for params.c'],
    ['a parameter that is greater', "params.c > '1'", "Invalid comparator '>'"],
    ['a parameter with a regular expression', "params.c RLIKE 'x'", "Invalid comparator 'RLIKE'"],
    ['a metric that is absent', 'metrics.c IS NULL', "Invalid comparator 'IS NULL'"],
    ['an attribute that is absent', 'status IS NULL', "Invalid comparator 'IS NULL'"],
    ['a list where none is known', "status IN ('FINISHED')", "Invalid comparator 'IN'"],
    ['a number in a list of texts', "run_id IN ('a', 1)", 'Expected a quoted string value for run_id'],
    ['a key that the entity does not have', "datasets.age = 'x'", "Invalid key 'age' of datasets"],
    ['an unknown entity', "dataset.name = 'x'", "Invalid entity type 'dataset'"],
    ['an unknown attribute', "age = '1'", "Invalid attribute key 'age'"],
    ['a name of the prototype', "constructor = '1'", "Invalid attribute key 'constructor'"],
  ])('refuses %s', (_, filter, message) => {
    expect(() => termsOf(filter)).toThrow(refused(message));
  });
});

describe('comparisonSql', () => {
  it('puts no value into the SQL', () => {
    expect(comparisonSql('run.status', '!=', "'; --", 'p')).toEqual({ sql: 'run.status <> :p', parameters: { p: "'; --" } });
    expect(comparisonSql('run.status', 'RLIKE', '^a', 'p')).toEqual({ sql: 'run.status ~ :p', parameters: { p: '^a' } });
    expect(comparisonSql('run.status', 'IS NOT NULL', '', 'p')).toEqual({ sql: 'run.status IS NOT NULL', parameters: {} });
    expect(comparisonSql('run.status', 'NOT IN', ['a', 'b'], 'p')).toEqual({ sql: 'run.status NOT IN (:...p)', parameters: { p: ['a', 'b'] } });
  });

  it('finds a tag by its key', () => {
    expect(termSql('model', { by: 'tag', key: "a'b", comparator: 'LIKE', value: 'x%' }, 3)).toEqual({
      sql: "EXISTS (SELECT FROM jsonb_array_elements(model.tags) tag WHERE tag ->> 'key' = :filter_3_key AND tag ->> 'value' LIKE :filter_3)",
      parameters: { filter_3: 'x%', filter_3_key: "a'b" },
    });
  });

  it('finds what lacks a tag, and what has one', () => {
    expect(termSql('model', { by: 'tag', key: 'a', comparator: 'IS NULL', value: '' }, 0)).toEqual({
      sql: "NOT EXISTS (SELECT FROM jsonb_array_elements(model.tags) tag WHERE tag ->> 'key' = :filter_0_key)",
      parameters: { filter_0_key: 'a' },
    });
    expect(termSql('model', { by: 'tag', key: 'a', comparator: 'IS NOT NULL', value: '' }, 0).sql).toMatch(/^EXISTS /);
  });
});
