import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIMBS, hostileJson, mutations, sendRaw, TEXTS, TOKENS, UNDECODABLE, unreadable, VALUES, type RawAnswer } from '../support/hostile.js';
import { BODIES, makeIds, QUERIES, READS, RUN_QUERY, type Ids } from '../support/hostile-routes.js';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('hostile input', () => {
  let tracking: TrackingClient;
  let ids: Ids;
  beforeAll(async () => {
    tracking = await startTracking();
    ids = await makeIds(tracking);
  });
  afterAll(() => tracking.close());

  /** What is answered with 4xx must have changed nothing, and say what is wrong in the shape that the route's clients read. */
  const judge = async (failed: string[], where: string, method: string, path: string, body?: string, type?: string): Promise<RawAnswer> => {
    const before = await tracking.store.size();
    const answer = await sendRaw(tracking.url, method, path, body, type);
    const appended = (await tracking.store.size()) - before;
    if (answer.status >= 500) failed.push(`${where}: ${answer.status}`);
    if (answer.status >= 400 && appended > 0n) failed.push(`${where}: refused with ${answer.status}, but ${appended} events were appended`);
    const problem = unreadable(path, answer);
    if (problem !== '') failed.push(`${where}: ${answer.status} ${problem}`);
    return answer;
  };

  it.each(BODIES)('%s %s: any value in any place of the body is answered below 500', async (method, _, path, body) => {
    const failed: string[] = [];
    for (const changed of mutations(body(ids))) {
      await judge(failed, changed.where, method, path(ids), hostileJson(changed.body));
    }
    expect(failed).toEqual([]);
  });

  it.each(BODIES.filter(([, name]) => name.endsWith('/search')))('%s %s: any filter, order and page token is answered below 500', async (method, _, path, body) => {
    const failed: string[] = [];
    const fine = body(ids);
    for (const field of ['filter', 'order_by', 'page_token', 'max_results']) {
      for (const text of [...TEXTS, ...TOKENS]) {
        const value = field === 'order_by' ? [text] : text;
        await judge(failed, `${field}=${text.slice(0, 60)}`, method, path(ids), JSON.stringify({ ...fine, [field]: value }));
      }
    }
    expect(failed).toEqual([]);
  });

  it.each(BODIES)('%s %s: what is no JSON object, or nests 50,000 levels, is answered below 500', async (method, _, path, body) => {
    const failed: string[] = [];
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    const fine = JSON.stringify(body(ids));
    const polluted = `${fine.slice(0, -1)},"__proto__":{"x":1}}`;
    for (const text of ['{', '[', ']', 'null', '7', '"x"', '[]', deep, '['.repeat(50_000), polluted, JSON.stringify(fine), '', '\u0000', '\ufeff{}']) {
      await judge(failed, text.slice(0, 30), method, path(ids), text);
    }
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data', 'application/json; charset=utf-16', '']) {
      await judge(failed, type, method, path(ids), fine, type);
    }
    expect(failed).toEqual([]);
  });

  it.each(QUERIES)('GET %s: any text in any parameter is answered below 500', async (_, path, fine) => {
    const failed: string[] = [];
    const asked = `${path(ids)}${path(ids).includes('?') ? '&' : '?'}`;
    for (const field of Object.keys(fine(ids))) {
      for (const text of [...TEXTS, ...TOKENS]) {
        const query = new URLSearchParams({ ...fine(ids), [field]: text });
        await judge(failed, `${field}=${text.slice(0, 60)}`, 'GET', `${asked}${query}`);
      }
      for (const value of ['=a&NAME=b&NAME[x]=y', '=%00', '=%ff%fe', '=%', '[]=1&NAME[__proto__]=x', '&NAME'.repeat(1_000)]) {
        const query = field + value.replaceAll('NAME', field);
        await judge(failed, query.slice(0, 60), 'GET', `${asked}${query}`);
      }
    }
    expect(failed).toEqual([]);
  });

  it('any text in the place of an id is answered below 500', async () => {
    const failed: string[] = [];
    for (const path of READS) {
      for (const id of [...CLIMBS, ...UNDECODABLE, '%20', '7', '-1', 'constructor', '__proto__']) await judge(failed, path(id).slice(0, 80), 'GET', path(id));
    }
    expect(failed).toEqual([]);
  });

  it('any query of GraphQL is answered below 500, and none costs more than a plain one', async () => {
    const failed: string[] = [];
    const fields = '{ run { info { runName } } }';
    const asked = `mlflowGetRun(input: {runId: "${ids.run}"})`;
    const refused = [
      '', '{', '{}', '{ }', '"""', '#', '\u0000', '\ud800', '{ a '.repeat(50_000), `{ ${asked} { run { ${'experiment { '.repeat(3_000)} } }`,
      `{ ${`${asked} ${fields} `.repeat(200)} }`, `{ a: ${asked} ${fields} b: ${asked} ${fields} }`, `query A { ${asked} ${fields} } query B { ${asked} ${fields} }`,
      `{ ${asked} { ...f } } fragment f on MlflowGetRunResponse { ...f }`, `{ ${asked} { ... on MlflowGetRunResponse { run { info { secret } } } } }`,
      '{ __schema { types { name } } }', '{ __type(name: "Query") { name } }', 'subscription { mlflowGetRun { run { info { runName } } } }', 'mutation { mlflowDelete }',
      `{ ${asked} ${fields} @skip(if: $no) }`, `{ ${asked} @include(if: "x") ${fields} }`, `{ mlflowGetRun(input: ${'['.repeat(900)}) ${fields} }`,
      `{ mlflowGetRun(input: ${'{a:'.repeat(300)}1${'}'.repeat(300)}) ${fields} }`, `{ mlflowGetRun(input: null) ${fields} }`, `{ mlflowGetRun(input: {runId: 7}) ${fields} }`,
      `{ mlflowGetRun(input: {runId: "\\uD800"}) ${fields}`, `{ constructor ${fields} }`, `{ __proto__ ${fields} }`,
    ];
    for (const query of refused) {
      const { status } = await judge(failed, query.slice(0, 60), 'POST', '/graphql', JSON.stringify({ query }));
      if (status !== 400) failed.push(`${query.slice(0, 60)}: ${status}`);
    }
    for (const runId of [...TEXTS, ...TOKENS]) {
      await judge(failed, runId.slice(0, 60), 'POST', '/graphql', JSON.stringify({ query: RUN_QUERY, variables: { data: { runId } } }));
    }
    expect(failed).toEqual([]);
  });

  it('any value of a tag that means something here is answered below 500', async () => {
    const failed: string[] = [];
    const { run, experiment } = ids;
    const deep = ['['.repeat(2_500) + ']'.repeat(2_500), `${'{"keys":'.repeat(500)}1${'}'.repeat(500)}`, `${'[{"baseline":'.repeat(300)}1${'}]'.repeat(300)}`];
    const values = [...VALUES.map((value) => hostileJson(value)), ...TEXTS, ...deep];
    const defaults = { library: 'l', version: '1', keys: ['k'] };
    const criteria = [{ metric: 'm', comparison: '>=', threshold: 1, baseline: { run_id: run } }];
    const keys = ['cairn.hardware.cpu_count', 'cairn.hardware.memory_gib', 'cairn.hardware.gpu_count', 'cairn.hardware.gpu_model', 'cairn.environment.digest'];
    const set = (path: string, body: object) => judge(failed, JSON.stringify(body).slice(80, 360), 'POST', `/api/2.0/mlflow/${path}`, JSON.stringify(body));
    for (const value of [...values, ...[...mutations(defaults)].map(({ body }) => hostileJson(body))]) {
      await set('runs/set-tag', { run_id: run, key: 'cairn.params.defaulted', value });
    }
    for (const value of [...values, ...[...mutations(criteria)].map(({ body }) => hostileJson(body))]) {
      await set('experiments/set-experiment-tag', { experiment_id: experiment, key: 'cairn.criteria', value });
    }
    for (const key of keys) for (const value of values) await set('runs/set-tag', { run_id: run, key, value });
    expect(failed).toEqual([]);
  });

  it('what was let in can be read', async () => {
    const failed: string[] = [];
    const compared = `/tracking/v1/runs/compare?run_id=${ids.run}&run_id=${ids.doomed.run}`;
    const reads = ['', '/cost', '/reproducibility'].map((path) => `/tracking/v1/runs/${ids.run}${path}`);
    const lists = ['/tracking/v1/price-lists?limit=1000', '/tracking/v1/defaults?library=l', `/tracking/v1/experiments/${ids.experiment}/cost`];
    for (const path of [compared, ...reads, ...lists]) {
      const { status } = await judge(failed, path, 'GET', path);
      if (status !== 200) failed.push(`${path}: ${status}`);
    }
    expect(failed).toEqual([]);
  });
});
