import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileJson, mutations, sendRaw, TEXTS, TOKENS, unreadable } from '../support/hostile.js';
import { BODIES, makeIds, QUERIES, type Ids } from '../support/hostile-routes.js';
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
  const judge = async (failed: string[], where: string, method: string, path: string, body?: string, type?: string): Promise<void> => {
    const before = await tracking.store.size();
    const answer = await sendRaw(tracking.url, method, path, body, type);
    const appended = (await tracking.store.size()) - before;
    if (answer.status >= 500) failed.push(`${where}: ${answer.status}`);
    if (answer.status >= 400 && appended > 0n) failed.push(`${where}: refused with ${answer.status}, but ${appended} events were appended`);
    const problem = unreadable(path, answer);
    if (problem !== '') failed.push(`${where}: ${answer.status} ${problem}`);
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
    for (const field of Object.keys(fine(ids))) {
      for (const text of [...TEXTS, ...TOKENS]) {
        const query = new URLSearchParams({ ...fine(ids), [field]: text });
        await judge(failed, `${field}=${text.slice(0, 60)}`, 'GET', `${path(ids)}?${query}`);
      }
      for (const value of ['=a&NAME=b&NAME[x]=y', '=%00', '=%ff%fe', '=%', '[]=1&NAME[__proto__]=x', '&NAME'.repeat(1_000)]) {
        const query = field + value.replaceAll('NAME', field);
        await judge(failed, query.slice(0, 60), 'GET', `${path(ids)}?${query}`);
      }
    }
    expect(failed).toEqual([]);
  });
});
