import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type RegistryClient } from '../support/registry-client.js';

describe('/registry/v1/models', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());

  const register = (body: unknown, headers = {}) => registry.as('ada', 'POST', '/registry/v1/models', body, headers);
  const gates = (name: string, body: unknown) => registry.as('ada', 'PUT', `/registry/v1/models/${encodeURIComponent(name)}/gates`, body);

  describe('201', () => {
    it('registers a model that can be read at once', async () => {
      const { status, body } = await register({ name: 'late-flights', description: 'late or not' });
      expect(status).toBe(201);
      expect(body).toMatchObject({ name: 'late-flights', description: 'late or not', aliases: [], gates: [] });
      expect((await registry.as('bob', 'GET', '/registry/v1/models/late-flights')).body).toEqual(body);
    });

    it('answers a repeated request with the same model', async () => {
      const [first, second] = [await register({ name: 'repeated' }, { 'idempotency-key': 'k' }), await register({ name: 'repeated' }, { 'idempotency-key': 'k' })];
      expect(second).toMatchObject({ status: 201, body: first.body });
    });
  });

  describe('200', () => {
    it('lists models by name, in pages', async () => {
      const inPages = { 'x-cairn-workspace': 'pages' };
      for (const name of ['b', 'a', 'c']) await register({ name }, inPages);
      const list = (query: string) => registry.as('ada', 'GET', `/registry/v1/models?limit=2${query}`, undefined, inPages);
      const first = await list('');
      expect(first.body.items.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
      const second = await list(`&page_token=${first.body.next_page_token}`);
      expect(second.body).toEqual({ items: [expect.objectContaining({ name: 'c' })] });
    });

    it('finds a model by a name as long as a name may be', async () => {
      const name = 'ü'.repeat(256);
      expect((await register({ name })).status).toBe(201);
      expect(await registry.as('ada', 'GET', `/registry/v1/models/${encodeURIComponent(name)}`)).toMatchObject({ status: 200, body: { name } });
    });

    it('says what an alias takes, and changes nothing when told again', async () => {
      const name = await registry.model();
      const policy = { alias: 'champion', gates: ['criteria-met', 'signature-present'] };
      expect(await gates(name, policy)).toMatchObject({ status: 200, body: { gates: [policy] } });
      const before = await registry.store.size();
      await gates(name, policy);
      expect(await registry.store.size()).toBe(before);
      expect((await gates(name, { alias: 'champion', gates: [] })).body.gates).toEqual([{ alias: 'champion', gates: [] }]);
    });
  });

  describe('400', () => {
    it.each([
      ['no name', {}, 'VALIDATION_FAILED'], ['a number', { name: 5 }, 'VALIDATION_FAILED'], ['a field that is none', { name: 'x', owner: 'ada' }, 'VALIDATION_FAILED'],
      ['a path', { name: 'a/b' }, 'INVALID_MODEL_NAME'], ['NUL', { name: 'a\0' }, 'INVALID_MODEL_NAME'], ['NUL below', { name: 'x', description: '\0' }, 'VALIDATION_FAILED'],
    ])('refuses %s', async (_, body, code) => {
      const before = await registry.store.size();
      expect(await register(body)).toMatchObject({ status: 400, body: { code } });
      expect(await registry.store.size()).toBe(before);
    });

    it.each([
      ['no alias', { gates: [] }, 'VALIDATION_FAILED'], ['an unknown gate', { alias: 'champion', gates: ['looks-good'] }, 'VALIDATION_FAILED'],
      ['an alias of MLflow', { alias: 'latest', gates: [] }, 'INVALID_ALIAS'],
    ])('refuses gates with %s', async (_, body, code) => {
      expect(await gates(await registry.model(), body)).toMatchObject({ status: 400, body: { code } });
    });
  });

  describe('401', () => {
    it('wants to know who it is', async () => {
      expect(await registry.fetchJson('POST', '/registry/v1/models', { name: 'x' })).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    });
  });

  describe('404', () => {
    it('knows no such model', async () => {
      expect(await registry.as('ada', 'GET', '/registry/v1/models/nobody')).toMatchObject({ status: 404, body: { code: 'MODEL_NOT_FOUND' } });
      expect(await gates('nobody', { alias: 'champion', gates: [] })).toMatchObject({ status: 404, body: { code: 'MODEL_NOT_FOUND' } });
    });
  });

  describe('409', () => {
    it('gives a name to one of many who ask at once', async () => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => register({ name: 'wanted' })));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
      expect(answers.find(({ status }) => status === 409)?.body.code).toBe('MODEL_NAME_TAKEN');
    });
  });
});
