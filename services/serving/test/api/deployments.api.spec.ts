import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../support/serving.js';

let serving: Serving;
const PATH = '/serving/v1/deployments';

beforeAll(async () => {
  serving = await startServing();
  await serving.deploy('taken', 1);
});

afterAll(() => serving.close());

describe('201', () => {
  it('creates a deployment with defaults', async () => {
    const { status, body } = await serving.fetchJson('POST', PATH, { name: 'new', model_name: 'flight-delay' });
    expect({ status, body }).toMatchObject({ status: 201, body: { name: 'new', model_name: 'flight-delay', fallback_value: 0, replicas: 2 } });
    expect(body).not.toHaveProperty('live');
  });

  it('creates one for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'once' };
    const [first, second] = [
      await serving.fetchJson('POST', PATH, { name: 'once', model_name: 'm', replicas: 1 }, headers),
      await serving.fetchJson('POST', PATH, { name: 'once', model_name: 'm', replicas: 1 }, headers),
    ];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
  });

  it('lets another workspace use the name', async () => {
    const headers = { 'x-cairn-workspace': 'team-b' };
    expect((await serving.fetchJson('POST', PATH, { name: 'taken', model_name: 'm', replicas: 1 }, headers)).status).toBe(201);
    expect((await serving.fetchJson('GET', '/v2/models/taken', undefined, headers)).status).toBe(200);
  });
});

describe('200', () => {
  it('shows one, and lists them page by page', async () => {
    await serving.deploy('a-first', 1);
    expect((await serving.fetchJson('GET', `${PATH}/taken`)).body).toMatchObject({ name: 'taken', replicas: 1 });
    const page = (await serving.fetchJson('GET', `${PATH}?limit=1`)).body;
    expect(page.items.map(({ name }: { name: string }) => name)).toEqual(['a-first']);
    const next = (await serving.fetchJson('GET', `${PATH}?limit=100&page_token=${page.next_page_token}`)).body;
    expect(next.items.map(({ name }: { name: string }) => name)).toContain('taken');
    expect(next).not.toHaveProperty('next_page_token');
  });
});

describe('batching', () => {
  it('has defaults, can be set, and is in force at once', async () => {
    const defaults = { max_rows: 16_384, delay_us: 0, preferred_rows: [], max_queued: 1_024 };
    expect((await serving.fetchJson('GET', `${PATH}/taken`)).body.batching).toEqual(defaults);
    const wanted = { max_rows: 8, delay_us: 500, preferred_rows: [2, 8], max_queued: 16 };
    expect(await serving.fetchJson('PUT', `${PATH}/taken/batching`, wanted)).toMatchObject({ status: 200, body: { name: 'taken', batching: wanted } });
    const tooMany = await serving.infer('taken', Array.from({ length: 9 }, () => [1, 2]));
    expect(tooMany).toEqual({ status: 400, body: { error: "inference request batch-size must be <= 8 for 'taken'" }, headers: expect.anything() });
    expect((await serving.fetchJson('PUT', `${PATH}/taken/batching`, {})).body.batching).toEqual(defaults);
  });

  it.each([
    [{ max_rows: 0 }, 'VALIDATION_FAILED'],
    [{ delay_us: 1_000_001 }, 'VALIDATION_FAILED'],
    [{ max_queued: 0 }, 'VALIDATION_FAILED'],
    [{ preferred_rows: [1.5] }, 'VALIDATION_FAILED'],
    [{ preferred_rows: [4, 2] }, 'INVALID_BATCHING'],
    [{ max_rows: 4, preferred_rows: [8] }, 'INVALID_BATCHING'],
  ])('refuses %j', async (body, code) => {
    const answer = await serving.fetchJson('PUT', `${PATH}/taken/batching`, body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
  });

  it('is of a deployment', async () => {
    expect(await serving.fetchJson('PUT', `${PATH}/nobody/batching`, {})).toMatchObject({ status: 404, body: { code: 'DEPLOYMENT_NOT_FOUND' } });
  });
});

describe('400', () => {
  it.each([
    [{ model_name: 'm' }, '/name'],
    [{ name: 'no/slash', model_name: 'm' }, '/name'],
    [{ name: 'n' }, '/model_name'],
    [{ name: 'n', model_name: 'm', replicas: 0 }, '/replicas'],
    [{ name: 'n', model_name: 'm', replicas: 17 }, '/replicas'],
    [{ name: 'n', model_name: 'm', fallback_value: 'high' }, '/fallback_value'],
    [{ name: 'n', model_name: 'm', colour: 'red' }, '/colour'],
  ])('for %j', async (body, pointer) => {
    const answer = await serving.fetchJson('POST', PATH, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('for a page token of another list', async () => {
    expect(await serving.fetchJson('GET', `${PATH}?page_token=%21`)).toMatchObject({ status: 400, body: { code: 'INVALID_PAGE_TOKEN' } });
  });
});

describe('404', () => {
  it('for a name that nobody deployed', async () => {
    expect(await serving.fetchJson('GET', `${PATH}/unknown`)).toMatchObject({ status: 404, body: { code: 'DEPLOYMENT_NOT_FOUND' } });
  });
});

describe('409', () => {
  it('for a name that is taken', async () => {
    expect(await serving.fetchJson('POST', PATH, { name: 'taken', model_name: 'm' })).toMatchObject({ status: 409, body: { code: 'DEPLOYMENT_NAME_TAKEN' } });
  });
});
