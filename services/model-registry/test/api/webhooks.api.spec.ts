import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY, startRegistry, type RegistryClient } from '../support/registry-client.js';

const EVENT = { entity: 'MODEL_VERSION', action: 'CREATED' };
const URL = 'https://ci.example/hook';

describe('/api/2.0/mlflow/webhooks and /registry/v1/webhooks', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());

  const mlflow = (method: string, path: string, body?: object, headers = {}) => registry.as('ada', method, `/api/2.0/mlflow/webhooks${path}`, body, headers);
  const own = (method: string, path: string, body?: object, headers = {}) => registry.as('ada', method, `/registry/v1/webhooks${path}`, body, headers);
  const create = (changes: object = {}, headers = {}) => mlflow('POST', '', { name: 'ci', url: URL, events: [EVENT], ...changes }, headers);
  const invalid = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };

  describe('200 and 201', () => {
    it('creates, reads, changes and deletes as MLflow does, and never shows a secret', async () => {
      const { status, body } = await create({ description: 'd', secret: 's3cret', events: [EVENT, { entity: 'PROMPT_TAG', action: 'SET' }] });
      const stamps = { creation_timestamp: expect.any(Number), last_updated_timestamp: expect.any(Number) };
      const shown = {
        webhook_id: expect.any(String), name: 'ci', description: 'd', url: URL, events: [EVENT, { entity: 'PROMPT_TAG', action: 'SET' }], status: 'ACTIVE', ...stamps,
      };
      expect({ status, body }).toEqual({ status: 200, body: { webhook: shown } });
      const path = `/${body.webhook.webhook_id}`;
      expect((await mlflow('GET', path)).body).toEqual(body);
      expect((await mlflow('PATCH', path, { name: 'cd', status: 'DISABLED' })).body.webhook).toMatchObject({ name: 'cd', status: 'DISABLED', url: URL, description: 'd' });
      expect((await own('GET', path)).body).toMatchObject({ name: 'cd', is_signed: true, events: ['model_version.created', 'prompt_tag.set'] });
      expect((await mlflow('PATCH', path, { secret: '' })).status).toBe(200);
      expect((await own('GET', path)).body).toMatchObject({ is_signed: false });
      expect(await mlflow('DELETE', path)).toMatchObject({ status: 200, body: {} });
      expect(await mlflow('GET', path)).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
      const events = await registry.store.readStream(`webhook-${body.webhook.webhook_id}`);
      expect(events.map(({ type }) => type.replace('cairn.registry.v1.', ''))).toEqual(['WebhookCreated', 'WebhookReconfigured', 'WebhookReconfigured', 'WebhookDeleted']);
      expect(JSON.stringify(events.map(({ data }) => data))).not.toContain('s3cret');
    });

    it('lists in pages, and leaves out of MLflow’s list what its client can not read', async () => {
      const inPages = { 'x-cairn-workspace': 'pages' };
      for (const name of ['a', 'b', 'c']) await create({ name }, inPages);
      const { status, body } = await own('POST', '', { name: 'ours', url: URL, events: ['registered_model.renamed', 'model_version.stage_changed'] }, inPages);
      expect({ status, body }).toMatchObject({ status: 201, body: { name: 'ours', is_signed: false } });
      const first = (await mlflow('GET', '?max_results=2', undefined, inPages)).body;
      const rest = (await mlflow('GET', `?max_results=2&page_token=${first.next_page_token}`, undefined, inPages)).body;
      expect([...first.webhooks, ...rest.webhooks].map(({ name }: { name: string }) => name).sort()).toEqual(['a', 'b', 'c']);
      expect((await own('GET', '', undefined, inPages)).body.items).toHaveLength(4);
      expect((await mlflow('GET', '', undefined, { 'x-cairn-workspace': 'none' })).body).toEqual({});
    });

    it('tests without a network of its own: what may not be reached is said', async () => {
      const { body } = await create({ url: 'https://no-such-host.invalid/' });
      const { status, body: tested } = await mlflow('POST', `/${body.webhook.webhook_id}/test`, {});
      expect({ status, tested }).toMatchObject({ status: 200, tested: { result: { success: false, error_message: expect.stringContaining('Failed to test webhook') } } });
    });

    it('answers a repeated creation with the same webhook', async () => {
      const [one, other] = [await create({}, { 'idempotency-key': 'k' }), await create({}, { 'idempotency-key': 'k' })];
      expect(other.body).toEqual(one.body);
    });
  });

  describe('400', () => {
    it.each([
      { name: '' }, { name: '-a' }, { name: 'n'.repeat(64) }, { name: {} }, { url: '' }, { url: 'http://ci.example/' }, { url: 'https://127.0.0.1/' }, { url: 'https://[::1]/' },
      { url: 'https://metadata.internal/' }, { url: 'ftp://x' }, { url: ['x'] }, { events: [] }, { events: ['MODEL_VERSION'] }, { events: [{ entity: 'RUN', action: 'CREATED' }] },
      { events: [{ entity: 'MODEL_VERSION', action: 'DELETED' }] }, { events: {} }, { status: 'PAUSED' }, { secret: 'x'.repeat(1_001) }, { description: 'x'.repeat(1_001) },
    ])('MLflow’s creation refuses %j', async (changes) => {
      expect(await create(changes)).toMatchObject(invalid);
    });

    it.each([{ name: undefined }, { events: ['run.finished'] }, { events: [] }, { url: 'http://ci.example/' }, { secret: '' }, { more: 1 }])('ours refuses %j', async (changes) => {
      expect((await own('POST', '', { name: 'ours', url: URL, events: ['prompt.created'], ...changes })).status).toBe(400);
    });

    it('refuses changes and tests that do not fit', async () => {
      const { body } = await create();
      const path = `/${body.webhook.webhook_id}`;
      for (const changes of [{ url: 'https://10.0.0.1/' }, { name: 'a b' }, { status: 'x' }, { events: [{}] }]) expect(await mlflow('PATCH', path, changes)).toMatchObject(invalid);
      for (const event of ['x', {}, { entity: 'RUN', action: 'SET' }]) expect(await mlflow('POST', `${path}/test`, { event })).toMatchObject(invalid);
      expect(await mlflow('GET', '?page_token=x')).toMatchObject(invalid);
      expect(await mlflow('GET', '?max_results=0')).toMatchObject(invalid);
      for (const query of ['status=lost', 'page_token=YWJj', 'limit=0']) expect((await own('GET', `${path}/deliveries?${query}`)).status).toBe(400);
      for (const ids of [[], ['x'], 'x', [7]]) expect((await own('POST', `${path}/redeliver`, { delivery_ids: ids })).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows neither webhook nor delivery, nor those of another workspace', async () => {
      const { body } = await create();
      const path = `/${body.webhook.webhook_id}`;
      for (const id of [NOBODY, 'x', '..%2f..']) {
        expect(await mlflow('GET', `/${id}`)).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
        expect((await mlflow('PATCH', `/${id}`, {})).status).toBe(404);
        expect((await mlflow('DELETE', `/${id}`)).status).toBe(404);
        expect((await mlflow('POST', `/${id}/test`, {})).status).toBe(404);
      }
      expect((await mlflow('GET', path, undefined, { 'x-cairn-workspace': 'elsewhere' })).status).toBe(404);
      expect((await own('GET', `/${NOBODY}/deliveries`)).status).toBe(404);
      expect(await own('POST', `${path}/redeliver`, { delivery_ids: [NOBODY] })).toMatchObject({ status: 404, body: { code: 'DELIVERY_NOT_FOUND' } });
      expect((await own('GET', `${path}/deliveries`)).body).toEqual({ items: [] });
    });
  });
});
