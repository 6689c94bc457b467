import { Fields, MlflowError } from '@cairn/mlflow';
import { describe, expect, it } from 'vitest';
import { parseQuery } from './parse-query.js';

const parse = (query: unknown) => () => parseQuery(new Fields({ query }));
const run = (fields: string) => `query GetRun($data: MlflowGetRunInput!) { mlflowGetRun(input: $data) { ${fields} } }`;

describe('a query of MLflow’s pages', () => {
  it('is one operation on fields that the schema has', () => {
    expect(parse(run('run { info { runName __typename } } __typename'))().definitions).toHaveLength(1);
  });

  it('may name the part of the page that asks', () => {
    const query = 'query Q @component(name: "MLflow.ExperimentRunTracking") { mlflowGetExperiment(input: { experimentId: "1" }) { experiment { name } } }';
    expect(parse(query)().definitions).toHaveLength(1);
  });

  it.each([
    ['nothing', undefined, /required parameter 'query'/],
    ['no text', { deep: 1 }, /for parameter 'query'/],
    ['no GraphQL', 'SELECT * FROM run', /Syntax Error/],
    ['an unknown field', run('run { secret }'), /Cannot query field/],
    ['an unknown question', '{ mlflowDropEverything { ok } }', /Cannot query field/],
    ['a change', 'mutation { mlflowGetRun(input: {}) { apiError { code } } }', /mutation/],
    ['several operations', 'query A { __typename } query B { __typename }', /one operation/],
    ['fragments', `${run('...Info')} fragment Info on MlflowGetRunResponse { run { info { runName } } }`, /fragments/],
    ['fragments that go in circles', 'fragment A on Query { ...A } { ...A }', /fragments/],
    ['several questions', '{ mlflowGetRun(input: {}) { apiError { code } } mlflowGetExperiment(input: {}) { apiError { code } } }', /one question/],
    ['aliases', run('a: run { info { runName } }'), /alias 'a'/],
    ['the schema', '{ __schema { types { name } } }', /schema/],
    ['what nests too deep', `${'{ a '.repeat(20)}${'}'.repeat(20)}`, /deeper than 10/],
    ['what is too long', run('run { info { runName } } '.repeat(400)), /1000/],
    ['lists without an end', `{ mlflowGetRun(input: ${'['.repeat(100_000)}`, /1000/],
  ])('is refused when it holds %s', (_, query, message) => {
    expect(parse(query)).toThrow(MlflowError);
    expect(parse(query)).toThrow(message);
  });
});
