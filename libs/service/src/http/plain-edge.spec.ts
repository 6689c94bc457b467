import { createHash } from 'node:crypto';
import { SystemClock } from '@cairn/kernel';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPlainEdge, type PlainEdge } from './plain-edge.js';

describe('the edge of a process without a framework', () => {
  const tokens = new Map([[createHash('sha256').update('secret').digest('hex'), 'ana']]);
  let edge: PlainEdge;
  let url: string;
  let isReady: boolean;

  beforeEach(async () => {
    isReady = true;
    const config = { host: '127.0.0.1', port: 0, auth: { tokens } };
    edge = openPlainEdge({ config, logger: pino({ level: 'silent' }), clock: new SystemClock(), registry: new Registry(), isReady: () => isReady });
    edge.fastify.get('/here', async () => ({ ok: true }));
    edge.fastify.post('/often', { config: { countedOnly: true } }, async () => ({ ok: true }));
    url = `http://127.0.0.1:${await edge.listen()}`;
  });

  afterEach(() => edge.close());

  const ask = (path: string, token?: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { ...init.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) } });

  it.each([['GET', '/here'], ['POST', '/often'], ['GET', '/nowhere']])('lets nobody in without a valid token: %s %s', async (method, path) => {
    for (const token of [undefined, 'wrong']) {
      const response = await ask(path, token, { method });
      expect([response.status, await response.json()]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
    }
  });

  it('answers who has one, also under the path of a workspace', async () => {
    expect((await ask('/here', 'secret')).status).toBe(200);
    expect((await ask('/workspaces/red/here', 'secret')).status).toBe(200);
  });

  it('says of a path that is none that it is none', async () => {
    const response = await ask('/nowhere', 'secret');
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'NOT_FOUND' }]);
  });

  it('tells probes without a token how it is', async () => {
    expect((await ask('/health/live')).status).toBe(200);
    expect((await ask('/health/ready')).status).toBe(200);
    isReady = false;
    expect((await ask('/health/ready')).status).toBe(503);
    expect(await (await ask('/metrics')).text()).toContain('http_request_duration_seconds');
  });

  it('gives a correlation id back, and one of its own where requests are not only counted', async () => {
    const id = '0197a9d2-0000-7000-8000-000000000000';
    expect((await ask('/often', 'secret', { method: 'POST', headers: { 'x-correlation-id': id } })).headers.get('x-correlation-id')).toBe(id);
    expect((await ask('/often', 'secret', { method: 'POST' })).headers.get('x-correlation-id')).toBeNull();
    expect((await ask('/here', 'secret')).headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});
