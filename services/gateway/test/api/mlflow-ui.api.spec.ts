import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { startTestService, tempDir, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { service } from '../../src/app.module.js';
import { answerJson, startUpstream, type Upstream } from '../support/upstream.js';

let tracking: Upstream;
let gateway: TestService;
let closed: TestService;
let plain: TestService;

beforeAll(async () => {
  const parent = tempDir('mlflow-ui');
  const build = join(parent, 'build');
  const files = {
    'secret.txt': 'secret',
    'build/index.html': '<!doctype html>', 'build/static/js/main.c2f5.js': 'main()', 'build/.env': 'secret',
    'build/lib/notebook-trace-renderer/index.html': 'frame',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(parent, path)), { recursive: true });
    writeFileSync(join(parent, path), content);
  }
  tracking = await startUpstream((request, response) => answerJson(response, { url: request.url, workspace: request.headers['x-cairn-workspace'] }));
  const settings = { CAIRN_EXPERIMENT_TRACKING_URL: tracking.url, CAIRN_MLFLOW_UI_DIR: build };
  const tokens = new Map([[createHash('sha256').update('t').digest('hex'), 'ada']]);
  gateway = await startTestService(service, { settings });
  closed = await startTestService(service, { settings, config: { auth: { tokens } } });
  plain = await startTestService(service, { settings: { CAIRN_EXPERIMENT_TRACKING_URL: tracking.url } });
});

afterAll(async () => {
  for (const running of [gateway, closed, plain]) await running.close();
  await tracking.close();
});

const get = (path: string, init: RequestInit = {}, from = gateway) => fetch(`${from.url}${path}`, { redirect: 'manual', ...init });

describe('200', () => {
  it('GET / is the page, asked for each time, that loads nothing from elsewhere and is shown in no other page', async () => {
    const answer = await get('/');
    expect([answer.status, await answer.text()]).toEqual([200, '<!doctype html>']);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'self'.*object-src 'none'.*frame-ancestors 'self'/);
    expect(answer.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('GET /static-files/… is kept for four weeks', async () => {
    const answer = await get('/static-files/static/js/main.c2f5.js');
    expect([answer.status, await answer.text()]).toEqual([200, 'main()']);
    expect(answer.headers.get('content-type')).toMatch(/javascript/);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=2419200');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('lets notebooks show the page that is made for them in a frame', async () => {
    const { status, headers } = await get('/static-files/lib/notebook-trace-renderer/index.html');
    expect([status, headers.get('x-frame-options')]).toEqual([200, null]);
    expect(headers.get('content-security-policy')).not.toMatch(/frame-ancestors/);
  });

  it('is the same page, and the same API, in a workspace', async () => {
    expect(await (await get('/workspaces/red/')).text()).toBe('<!doctype html>');
    expect((await get('/workspaces/red/static-files/static/js/main.c2f5.js')).status).toBe(200);
    expect(await (await get('/workspaces/red/graphql', { method: 'POST' })).json()).toMatchObject({ url: '/graphql', workspace: 'red' });
  });

  it('lets pages of the own origin, and programs, change something', async () => {
    const { host } = new URL(gateway.url);
    const behindProxy = new Headers({ origin: 'https://cairn.example', 'x-forwarded-host': 'cairn.example' });
    for (const headers of [new Headers(), new Headers({ origin: `http://${host}` }), behindProxy]) {
      expect((await get('/api/2.0/mlflow/runs/create', { method: 'POST', headers })).status).toBe(200);
    }
  });

  it('knows a person by the token that a browser sends as a password', async () => {
    const headers = { authorization: `Basic ${Buffer.from('ada:t').toString('base64')}` };
    expect((await get('/', { headers }, closed)).status).toBe(200);
  });
});

describe('304', () => {
  it('GET / with what the browser has already', async () => {
    const etag = (await get('/')).headers.get('etag') ?? '';
    expect((await get('/', { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } })).status).toBe(304);
  });
});

describe('308', () => {
  it('leads to the slash that relative paths need', async () => {
    const { status, headers } = await get('/workspaces/red');
    expect([status, headers.get('location')]).toEqual([308, '/workspaces/red/']);
  });
});

describe('401', () => {
  it('GET / makes a browser ask for a token', async () => {
    const { status, headers } = await get('/', {}, closed);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="Cairn", charset="UTF-8"']);
    expect((await get('/static-files/static/js/main.c2f5.js', {}, closed)).status).toBe(401);
  });
});

describe('401 of what is passed on', () => {
  it('is no 5xx, which clients would repeat, and says so to those of MLflow too', async () => {
    const answer = await get('/api/2.0/mlflow/experiments/search', {}, closed);
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'UNAUTHENTICATED', error_code: 'UNAUTHENTICATED', message: expect.any(String) }]);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });
});

describe('403', () => {
  it('refuses changes that a page of another site makes a browser send', async () => {
    for (const origin of ['https://elsewhere.example', 'null', 'http://127.0.0.1:1']) {
      const answer = await get('/api/2.0/mlflow/runs/create', { method: 'POST', headers: { origin } });
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'OTHER_ORIGIN' }]);
    }
    expect((await get('/api/2.0/mlflow/runs/get', { headers: { origin: 'https://elsewhere.example' } })).status).toBe(200);
  });
});

describe('no file', () => {
  it.each([
    '/static-files/../../secret.txt', '/static-files/..%2f..%2fsecret.txt', '/static-files/%2e%2e/secret.txt', '/static-files/..%5c..%5csecret.txt', '/static-files/.env',
    '/static-files/%00', '/static-files/%zz', '/static-files/', '/static-files/static', '/static-files/static/js/other.js', '/static-files//etc/passwd',
  ])('GET %s', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await answer.text()).not.toBe('secret');
  });
});

describe('without a build', () => {
  it('nothing is served, and no origin is asked for', async () => {
    expect((await get('/', {}, plain)).status).toBe(404);
    expect((await get('/static-files/index.html', {}, plain)).status).toBe(404);
    expect((await get('/api/2.0/mlflow/runs/create', { method: 'POST', headers: { origin: 'https://elsewhere.example' } }, plain)).status).toBe(200);
  });

  it('a folder that holds none stops the start', async () => {
    await expect(startTestService(service, { settings: { CAIRN_MLFLOW_UI_DIR: tempDir('empty') } })).rejects.toThrow(/CAIRN_MLFLOW_UI_DIR.*no index\.html/);
  });
});
