import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MlflowError } from '../mlflow-error.js';
import { parseFilter } from './parse-filter.js';

const refused = (message: string) => expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(message) });

describe('parseFilter', () => {
  it.each([
    ['metrics.auc > 0.7', { entity: 'metrics', key: 'auc', comparator: '>', value: 0.7 }],
    ['metrics.auc>=0.7e-1', { entity: 'metrics', key: 'auc', comparator: '>=', value: 0.07 }],
    ['metrics.loss < -1', { entity: 'metrics', key: 'loss', comparator: '<', value: -1 }],
    ["params.model = 'tree'", { entity: 'params', key: 'model', comparator: '=', value: 'tree' }],
    ['params.model != "tree"', { entity: 'params', key: 'model', comparator: '!=', value: 'tree' }],
    ["params.model <> 'tree'", { entity: 'params', key: 'model', comparator: '!=', value: 'tree' }],
    ["Params.`my key` ilike '%Tree%'", { entity: 'params', key: 'my key', comparator: 'ILIKE', value: '%Tree%' }],
    ["tags.mlflow.source.name LIKE 'train%'", { entity: 'tags', key: 'mlflow.source.name', comparator: 'LIKE', value: 'train%' }],
    ["tags.\"mlflow.parentRunId\" = 'a'", { entity: 'tags', key: 'mlflow.parentRunId', comparator: '=', value: 'a' }],
    ["metrics.val-loss-1 = 1", { entity: 'metrics', key: 'val-loss-1', comparator: '=', value: 1 }],
    ["metrics.precision@5 = 1", { entity: 'metrics', key: 'precision@5', comparator: '=', value: 1 }],
    ["params.2 = '2'", { entity: 'params', key: '2', comparator: '=', value: '2' }],
    ["params.input = 'in'", { entity: 'params', key: 'input', comparator: '=', value: 'in' }],
    ["status = 'FINISHED'", { entity: '', key: 'status', comparator: '=', value: 'FINISHED' }],
    ["attributes.run_id IN ('a', 'b')", { entity: 'attributes', key: 'run_id', comparator: 'IN', value: ['a', 'b'] }],
    ["run_id not in ('a')", { entity: '', key: 'run_id', comparator: 'NOT IN', value: ['a'] }],
    ["tags.team RLIKE '^r[a-z]+$'", { entity: 'tags', key: 'team', comparator: 'RLIKE', value: '^r[a-z]+$' }],
    ['tags.team IS NULL', { entity: 'tags', key: 'team', comparator: 'IS NULL', value: '' }],
    ['tags.team is not null', { entity: 'tags', key: 'team', comparator: 'IS NOT NULL', value: '' }],
    ["span.attributes.`http.status` = '200'", { entity: 'span', key: 'attributes.http.status', comparator: '=', value: '200' }],
    ["params.nullable = 'is'", { entity: 'params', key: 'nullable', comparator: '=', value: 'is' }],
    ["params.name = 'it''s'", { entity: 'params', key: 'name', comparator: '=', value: "it's" }],
    ["params.name = ''", { entity: 'params', key: 'name', comparator: '=', value: '' }],
    ["params.name = ' and OR '", { entity: 'params', key: 'name', comparator: '=', value: ' and OR ' }],
  ])('reads %s', (text, condition) => {
    expect(parseFilter(text)).toEqual([condition]);
  });

  it('joins conditions by AND, in any case, and reads nothing from nothing', () => {
    expect(parseFilter("metrics.a > 1 and params.b = 'x' AND status = 'RUNNING'").map(({ key }) => key)).toEqual(['a', 'b', 'status']);
    for (const nothing of [undefined, '', '  ']) expect(parseFilter(nothing)).toEqual([]);
  });

  it.each([
    "metrics.a > 1 OR metrics.b > 1", 'metrics.a', 'metrics.a >', '> 1', 'metrics.a 1', 'metrics.a => 1', "metrics.a = 'x", '(metrics.a > 1)', 'metrics.a > 1 AND',
    'metrics.a > 1; DROP TABLE run', "a IN ()", "a IN 'x'", "a NOT LIKE 'x'", 'metrics. = 1', 'metrics.a > b', 'a IS', 'a IS NOT', "a IS 'x'", 'a NOT NULL', 'a RLIKE',
  ])('refuses %s', (text) => {
    expect(() => parseFilter(text)).toThrow(refused('Invalid clause(s) in filter string'));
  });

  it('says where it stopped to understand', () => {
    expect(() => parseFilter('metrics.a > 1 AND metrics.b ! 2')).toThrow(refused("from '! 2' on"));
    expect(() => parseFilter('metrics.a > 1 AND')).toThrow(refused('it ends too early'));
  });

  it('refuses a pattern whose last backslash escapes nothing', () => {
    for (const pattern of ['\\', 'a%\\', '\\\\\\']) expect(() => parseFilter(`name LIKE '${pattern}'`)).toThrow(refused('ends with a backslash'));
    expect(parseFilter("name ILIKE 'a\\\\' AND name LIKE '\\%' AND name = '\\'").map(({ value }) => value)).toEqual(['a\\\\', '\\%', '\\']);
  });

  it('refuses what is too long or has too many conditions', () => {
    expect(() => parseFilter('x'.repeat(20_001))).toThrow(refused('more than 20000'));
    expect(() => parseFilter(Array.from({ length: 51 }, () => 'metrics.a > 1').join(' AND '))).toThrow(refused('51 conditions'));
  });

  it('answers any text with conditions or with a refusal', () => {
    const pieces = fc.constantFrom('metrics', '.', 'a', ' ', '=', '>', "'", '"', '`', '1', 'AND', 'IN', '(', ')', ',', 'LIKE', '\0', '😀', '\n', ';', '--');
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.array(pieces).map((parts) => parts.join(''))), (text) => {
        try {
          parseFilter(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MlflowError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
