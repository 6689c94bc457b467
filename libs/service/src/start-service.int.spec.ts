import { createHash } from 'node:crypto';
import { MemoryEventStore } from '@cairn/event-store';
import { createDatabase, tempDir, type TestDatabase } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTokens } from './config/tokens-file.js';
import type { ServiceConfig } from './config/service-config.js';
import { startService, type RunningService } from './start-service.js';
import { noteService } from './testing/note-service.js';

let database: TestDatabase;
let store: MemoryEventStore;
let open: RunningService;
let guarded: RunningService;

const json = { 'content-type': 'application/json' };

async function call(path: string, init: RequestInit = {}, service = open) {
  const response = await fetch(`${service.url}${path}`, init);
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, type, headers: response.headers, body: type.includes('json') ? JSON.parse(text) : text };
}

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({ method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });

beforeAll(async () => {
  database = await createDatabase();
  store = new MemoryEventStore();
  const config: ServiceConfig = {
    host: '127.0.0.1', port: 0, databaseUrl: database.url, objectStoreUrl: `file://${tempDir('objects')}`, gatewayUrl: 'http://127.0.0.1:1', dataDir: tempDir('data'),
    // Nobody listens there: a service starts and works without NATS.
    natsUrl: 'nats://127.0.0.1:1', logLevel: 'silent', settings: {},
  };
  const { tokens } = parseTokens(`${createHash('sha256').update('s3cret').digest('hex')} ana`);
  open = await startService(noteService, config, { store, relay: false });
  guarded = await startService({ ...noteService, schema: 'notes2' }, { ...config, auth: { tokens } }, { store, relay: false });
});

afterAll(async () => {
  await open.close();
  await guarded.close();
  await store.close();
  await database.drop();
});

describe('commands', () => {
  it('answer with what the own read model shows', async () => {
    const { status, body } = await call('/notes', post({ name: 'one' }));
    expect({ status, body }).toMatchObject({ status: 201, body: { name: 'one', owner: 'local' } });
  });

  it('happen once for one Idempotency-Key', async () => {
    const before = await store.size();
    const [first, second] = [await call('/notes', post({ name: 'twice' }, { 'idempotency-key': 'k' })), await call('/notes', post({ name: 'twice' }, { 'idempotency-key': 'k' }))];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.body).toEqual(second.body);
    expect((await store.size()) - before).toBe(1n);
  });

  it('carry workspace, actor and trace into the log', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { body } = await call('/notes/meta', { headers: { traceparent, 'x-cairn-workspace': 'team-a', 'x-correlation-id': '0197A9D2-0000-7000-8000-000000000000' } });
    expect(body).toMatchObject({ actor: { principal: 'local' }, workspace: 'team-a', correlationId: '0197a9d2-0000-7000-8000-000000000000' });
    expect(body.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(body.traceparent).not.toBe(traceparent);
  });

  it('need a sensible workspace and key', async () => {
    expect(await call('/notes/meta', { headers: { 'x-cairn-workspace': 'Team A' } })).toMatchObject({ status: 400, body: { code: 'INVALID_WORKSPACE' } });
    expect(await call('/notes/meta', { headers: { 'idempotency-key': 'x'.repeat(300) } })).toMatchObject({ status: 400, body: { code: 'INVALID_IDEMPOTENCY_KEY' } });
  });
});

describe('errors are problem details', () => {
  it('400 for a body that does not fit, field by field', async () => {
    const { status, type, body } = await call('/notes', post({ name: 7, lines: [{ count: -1 }], extra: true }));
    expect(status).toBe(400);
    expect(type).toContain('application/problem+json');
    expect(body).toMatchObject({ type: 'urn:cairn:problem:validation-failed', title: 'Bad Request', status: 400, code: 'VALIDATION_FAILED', instance: '/notes' });
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(expect.arrayContaining(['/name', '/lines/0/count', '/extra']));
  });

  it('400 for what is not JSON', async () => {
    expect(await call('/notes', { method: 'POST', headers: json, body: '{' })).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  });

  it('400 for a body that nests too deep for whoever walks it', async () => {
    const body = `{"name":"deep","lines":${'['.repeat(200)}${']'.repeat(200)}}`;
    expect(await call('/notes', { method: 'POST', headers: json, body })).toMatchObject({ status: 400, body: { code: 'BODY_TOO_DEEP' } });
  });

  it('404 for no such route', async () => {
    expect(await call('/nowhere?x=1')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND', instance: '/nowhere' } });
  });

  it('400 for a path that cannot be decoded, 414 for a part of one that is longer than any name', async () => {
    expect(await call('/notes/refused/%ff')).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', instance: '/notes/refused/%ff' } });
    expect(await call(`/notes/refused/${'x'.repeat(5_000)}`)).toMatchObject({ status: 414, body: { code: 'URI_TOO_LONG' } });
  });

  it('413 for a body over the limit', async () => {
    expect(await call('/notes', post({ name: 'x'.repeat(2_000) }))).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  it('415 for a type that nobody parses', async () => {
    const answer = await call('/notes', { method: 'POST', headers: { 'content-type': 'application/xml' }, body: '<a/>' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  });

  it('422 and 503 by the kind of refusal', async () => {
    expect(await call('/notes/refused/unmet')).toMatchObject({ status: 422, body: { code: 'REFUSED_HERE', detail: 'Because of the spec.' } });
    const busy = await call('/notes/refused/busy');
    expect(busy.status).toBe(503);
    expect(busy.headers.get('retry-after')).toBe('1');
  });

  it('500 says nothing about our inside', async () => {
    const { status, body } = await call('/notes/defect');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(body.code).toBe('INTERNAL');
  });
});

describe('errors on paths of a foreign protocol', () => {
  const refused = async (init: RequestInit, path = '/foreign/notes', service = open) => {
    const { status, body } = await call(path, init, service);
    return [status, body];
  };

  it('have its shape, whoever refuses', async () => {
    const deep = `{"name":"deep","lines":${'['.repeat(200)}${']'.repeat(200)}}`;
    expect(await refused({ method: 'POST', headers: json, body: '{' })).toEqual([400, 'foreign BAD_REQUEST']);
    expect(await refused({ method: 'POST', headers: json, body: deep })).toEqual([400, 'foreign BODY_TOO_DEEP']);
    expect(await refused(post({ name: 'x'.repeat(2_000) }))).toEqual([413, 'foreign PAYLOAD_TOO_LARGE']);
    expect(await refused(post({ name: 7 }))).toEqual([400, 'foreign VALIDATION_FAILED']);
    expect(await refused({}, '/foreign/notes/refused/%ff')).toEqual([400, 'foreign BAD_REQUEST']);
    expect(await refused({}, '/foreign/nowhere?x=1')).toEqual([404, 'foreign NOT_FOUND']);
    expect(await refused({}, '/workspaces/red/foreign/nowhere')).toEqual([404, 'foreign NOT_FOUND']);
    expect(await refused({}, '/foreign/notes/meta', guarded)).toEqual([401, 'foreign UNAUTHENTICATED']);
  });
});

describe('identity', () => {
  const withToken = (authorization: string) => call('/notes/meta', { headers: { authorization } }, guarded);

  it('401 without a token or with a wrong one', async () => {
    const missing = await call('/notes/meta', {}, guarded);
    expect(missing).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    expect(missing.headers.get('www-authenticate')).toBe('Bearer');
    expect((await withToken('Bearer s3cre')).status).toBe(401);
    expect((await withToken('Bearer')).status).toBe(401);
    expect((await call('/nowhere', {}, guarded)).status).toBe(401);
  });

  it('is the principal of the token, by Bearer or as a Basic password', async () => {
    expect((await withToken('Bearer s3cret')).body.actor).toEqual({ principal: 'ana' });
    expect((await withToken(`Basic ${Buffer.from('anybody:s3cret').toString('base64')}`)).body.actor).toEqual({ principal: 'ana' });
  });

  it('is not asked of probes', async () => {
    expect((await call('/health/live', {}, guarded)).status).toBe(200);
    expect((await call('/metrics', {}, guarded)).status).toBe(200);
  });

  it('is a condition of being reachable', async () => {
    await expect(startService(noteService, { ...open.parts.config, host: '0.0.0.0' })).rejects.toThrow(/CAIRN_TOKENS_FILE/);
  });
});

describe('operation', () => {
  it('is ready without NATS, and says so', async () => {
    const { status, body } = await call('/health/ready');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'degraded',
      checks: { event_store: { status: 'ok' }, read_model: { status: 'ok', state: 'running' }, messaging: { status: 'degraded', state: 'disconnected' } },
    });
  });

  it('exports metrics of requests, appends and projections', async () => {
    await call('/notes', post({ name: 'measured' }));
    const { body } = await call('/metrics');
    expect(body).toMatch(/http_request_duration_seconds_count\{method="POST",route="\/notes",status="201"\}/);
    expect(body).toContain('cairn_events_appended_total{type="cairn.catalog.v1.DatasetRegistered"}');
    expect(body).toMatch(/cairn_projection_lag_events \d/);
    expect(body).toContain('process_cpu_user_seconds_total');
  });

  it('describes itself, DTOs included', async () => {
    const { body } = await call('/openapi.json');
    expect(body).toMatchObject({ info: { title: 'Notes' }, paths: { '/notes': { post: {} }, '/catalog/v1/admin/rebuild': { post: {} } } });
    expect(body.components.schemas.NoteDto).toMatchObject({
      required: ['name'],
      properties: { name: { type: 'string', maxLength: 100 }, lines: { type: 'array', items: { $ref: '#/components/schemas/LineDto' } } },
    });
    expect(body.components.schemas.LineDto.properties.count).toMatchObject({ type: 'integer', minimum: 0 });
  });

  it('rebuilds and compares on request', async () => {
    expect(await call('/catalog/v1/admin/rebuild', post({}))).toMatchObject({ status: 200, body: { identical: true, tables: [{ table: 'note', differing: 0 }] } });
    expect((await call('/catalog/v1/admin/rebuild', post({ swop: true }))).status).toBe(400);
    expect((await call('/catalog/v1/admin/rebuild', { method: 'POST' })).status).toBe(200);
  });

  it('takes streams beyond the limit of parsed bodies', async () => {
    const sent = await call('/notes/stream', { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array(50_000) });
    expect(sent).toMatchObject({ status: 200, body: '50000' });
  });

  it('does not start with a policy that no module lists', async () => {
    class Forgotten {}
    const starting = startService({ ...noteService, schema: 'notes3', policies: [Forgotten] }, { ...open.parts.config, port: 0 }, { store, relay: false });
    await expect(starting).rejects.toThrow(/Forgotten/);
  });
});
