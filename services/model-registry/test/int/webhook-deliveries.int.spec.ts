import { createDatabase, tempDir, waitUntil } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSigned, Receiver } from '../support/receiver.js';
import { startRegistry, type RegistryClient } from '../support/registry-client.js';

const RUN = '4915f5ea945c4798b0a8a8747cfb337b';
const SECRET = 'ßecret with "quotes"';
const QUICK = {
  CAIRN_WEBHOOK_HTTP: 'allow', CAIRN_WEBHOOK_PRIVATE_ADDRESSES: 'allow', CAIRN_WEBHOOK_FIRST_RETRY_MS: '10', CAIRN_WEBHOOK_MAX_ATTEMPTS: '3', CAIRN_WEBHOOK_TIMEOUT_MS: '500',
};

interface Delivery {
  readonly delivery_id: string;
  readonly event: string;
  readonly status: string;
  readonly attempts: number;
  readonly response_status: number;
  readonly detail: string;
}

describe('deliveries of webhooks', () => {
  let receiver: Receiver;
  let registry: RegistryClient;
  beforeAll(async () => {
    receiver = await new Receiver().start();
    registry = await startRegistry({ settings: QUICK });
  });
  afterAll(async () => {
    await registry.close();
    await receiver.stop();
  });

  const inWorkspace = (workspace: string, client = registry) => {
    const send = (method: string, path: string, body?: unknown) => client.as('ada', method, path, body, { 'x-cairn-workspace': workspace });
    const mlflow = (method: string, path: string, body: object) => send(method, `/api/2.0/mlflow/${path}`, body);
    return {
      send,
      mlflow,
      hook: async (path: string, events: readonly string[], more: object = {}): Promise<string> => {
        const answer = await send('POST', '/registry/v1/webhooks', { name: 'hook', url: receiver.url(path), events, ...more });
        expect(answer.status).toBe(201);
        return answer.body.webhook_id;
      },
      register: (name: string, tags: object[] = []) => mlflow('POST', 'registered-models/create', { name, tags }),
      deliveries: async (id: string): Promise<Delivery[]> => (await send('GET', `/registry/v1/webhooks/${id}/deliveries?limit=1000`)).body.items,
    };
  };
  const settled = (of: () => Promise<readonly Delivery[]>, count: number) =>
    waitUntil(`${count} deliveries are over`, async () => {
      const rows = await of();
      return rows.length === count && rows.every(({ status }) => status !== 'pending') ? rows : undefined;
    });

  it('tell of everything that happens to models, signed and in the order of the log', async () => {
    const { send, hook, register, mlflow, deliveries } = inWorkspace('all');
    const { body } = await send('GET', '/openapi.json');
    const events: string[] = body.components.schemas.CreateWebhookDto.properties.events.items.enum;
    const id = await hook('/all', events, { secret: SECRET });
    await register('m', [{ key: 'team', value: 'ops' }]);
    await mlflow('POST', 'model-versions/create', { name: 'm', source: `runs:/${RUN}/model`, run_id: RUN, tags: [{ key: 'a', value: 'b' }] });
    await mlflow('POST', 'model-versions/set-tag', { name: 'm', version: '1', key: 'k', value: 'v' });
    await mlflow('DELETE', 'model-versions/delete-tag', { name: 'm', version: '1', key: 'k' });
    await mlflow('POST', 'registered-models/alias', { name: 'm', alias: 'live', version: '1' });
    await mlflow('DELETE', 'registered-models/alias', { name: 'm', alias: 'live' });
    await mlflow('POST', 'model-versions/transition-stage', { name: 'm', version: '1', stage: 'Staging' });
    await mlflow('POST', 'registered-models/rename', { name: 'm', new_name: 'n' });
    await mlflow('POST', 'registered-models/set-tag', { name: 'n', key: 'k', value: 'v' });
    await mlflow('DELETE', 'model-versions/delete', { name: 'n', version: '1' });
    await mlflow('DELETE', 'registered-models/delete', { name: 'n' });
    const rows = await settled(() => deliveries(id), 11);
    expect(rows.every(({ status, attempts, response_status }) => status === 'delivered' && attempts === 1 && response_status === 200)).toBe(true);
    const received = receiver.at('/all');
    expect(received.map(({ body: { entity, action, data } }) => [`${entity}.${action}`, data])).toEqual([
      ['registered_model.created', { name: 'm', tags: { team: 'ops' }, description: null }],
      ['model_version.created', { name: 'm', version: '1', source: `runs:/${RUN}/model`, run_id: RUN, tags: { a: 'b' }, description: null }],
      ['model_version_tag.set', { name: 'm', version: '1', key: 'k', value: 'v' }],
      ['model_version_tag.deleted', { name: 'm', version: '1', key: 'k' }],
      ['model_version_alias.created', { name: 'm', alias: 'live', version: '1' }],
      ['model_version_alias.deleted', { name: 'm', alias: 'live' }],
      ['model_version.stage_changed', { name: 'm', version: '1', stage: 'Staging', previous_stage: 'None' }],
      ['registered_model.renamed', { name: 'n', previous_name: 'm' }],
      ['registered_model_tag.set', { name: 'n', key: 'k', value: 'v' }],
      ['model_version.deleted', { name: 'n', version: '1' }],
      ['registered_model.deleted', { name: 'n' }],
    ]);
    expect(received.every((one) => isSigned(one, SECRET) && !isSigned(one, 'another') && one.body.workspace === 'all')).toBe(true);
    expect(received.map(({ headers }) => headers['x-mlflow-delivery-id'])).toEqual(rows.map(({ delivery_id }) => delivery_id).reverse());
  });

  it('tell of prompts by their own names', async () => {
    const { hook, register, mlflow, deliveries } = inWorkspace('prompts');
    const prompt = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
    const id = await hook('/prompts', ['prompt.created', 'prompt_version.created', 'prompt_tag.set', 'prompt_version_tag.set', 'prompt_alias.created', 'registered_model.created']);
    await register('p', prompt);
    await mlflow('POST', 'model-versions/create', {
      name: 'p', source: 'dummy-source', tags: [...prompt, { key: 'mlflow.prompt.text', value: 'Hi {{n}}' }, { key: 'mine', value: '1' }],
    });
    await mlflow('POST', 'registered-models/set-tag', { name: 'p', key: 'k', value: 'v' });
    await mlflow('POST', 'model-versions/set-tag', { name: 'p', version: '1', key: 'k', value: 'v' });
    await mlflow('POST', 'registered-models/alias', { name: 'p', alias: 'live', version: '1' });
    await settled(() => deliveries(id), 5);
    expect(receiver.at('/prompts').map(({ body: { entity, action } }) => `${entity}.${action}`)).toEqual([
      'prompt.created', 'prompt_version.created', 'prompt_tag.set', 'prompt_version_tag.set', 'prompt_alias.created',
    ]);
    expect(receiver.at('/prompts')[1]?.body.data).toEqual({ name: 'p', version: '1', template: 'Hi {{n}}', tags: { mine: '1' }, description: null });
    expect(receiver.at('/prompts')[0]?.headers).not.toHaveProperty('x-mlflow-signature');
  });

  it('come again while the receiver fails, under one id, and hold back what came later', async () => {
    const { hook, register, deliveries } = inWorkspace('failing');
    receiver.behave('/failing', (response, count) => {
      response.statusCode = count === 1 ? 429 : count === 2 ? 503 : 200;
      if (count === 1) response.setHeader('retry-after', '1');
      response.end();
    });
    const id = await hook('/failing', ['registered_model.created']);
    for (const name of ['first', 'second']) await register(name);
    const [second, first] = await settled(() => deliveries(id), 2);
    expect([first, second]).toMatchObject([{ status: 'delivered', attempts: 3 }, { status: 'delivered', attempts: 1 }]);
    expect(receiver.at('/failing').map(({ body }) => body.data['name'])).toEqual(['first', 'first', 'first', 'second']);
    expect(new Set(receiver.at('/failing').map(({ headers }) => headers['x-mlflow-delivery-id'])).size).toBe(2);
    const stored = await registry.store.readStream(`webhook-delivery-${first?.delivery_id ?? ''}`);
    expect(stored.map(({ data }) => [data['outcome'], data['responseStatus']])).toEqual([['retry', 429], ['retry', 503], ['delivered', 200]]);
  });

  it('end after the last attempt, at once where another can not help, and come again when asked', async () => {
    const { send, hook, register, deliveries } = inWorkspace('hopeless');
    let isWell = false;
    receiver.behave('/hopeless', (response) => {
      response.statusCode = isWell ? 204 : 500;
      response.end();
    });
    receiver.behave('/moved', (response) => response.writeHead(302, { location: receiver.url('/elsewhere') }).end());
    receiver.behave('/gone', (response) => response.writeHead(410).end());
    const created = ['registered_model.created'];
    const [hopeless, moved, gone] = [await hook('/hopeless', created), await hook('/moved', created), await hook('/gone', created)];
    await register('m');
    expect(await settled(() => deliveries(hopeless), 1)).toMatchObject([{ status: 'failed', attempts: 3, response_status: 500 }]);
    expect(await settled(() => deliveries(moved), 1)).toMatchObject([{ status: 'failed', attempts: 1, detail: expect.stringContaining('not followed') }]);
    expect(await settled(() => deliveries(gone), 1)).toMatchObject([{ status: 'failed', attempts: 1, response_status: 410 }]);
    expect(receiver.at('/elsewhere')).toEqual([]);
    isWell = true;
    expect(await send('POST', `/registry/v1/webhooks/${hopeless}/redeliver`, {})).toMatchObject({ status: 202, body: { redelivered: 1 } });
    expect(await waitUntil('it is delivered', async () => (await deliveries(hopeless)).find(({ status }) => status === 'delivered'))).toMatchObject({ attempts: 4 });
    const [first, ...others] = receiver.at('/hopeless');
    expect(others.every(({ text, headers }) => text === first?.text && headers['x-mlflow-delivery-id'] === first.headers['x-mlflow-delivery-id'])).toBe(true);
  });

  it('of one webhook wait for no other, however slow or poisoned its receiver is', async () => {
    const { hook, register, deliveries } = inWorkspace('slow');
    receiver.behave('/silent', () => undefined);
    receiver.behave('/broken', (response) => response.destroy());
    const created = ['registered_model.created'];
    const [silent, broken, healthy] = [await hook('/silent', created), await hook('/broken', created), await hook('/healthy', created)];
    for (const name of ['a', 'b']) await register(name);
    await settled(() => deliveries(healthy), 2);
    expect(await settled(() => deliveries(silent), 2)).toMatchObject([{ status: 'failed', detail: expect.stringContaining('no answer within') }, { status: 'failed' }]);
    expect(await settled(() => deliveries(broken), 2)).toMatchObject([{ status: 'failed', response_status: 0 }, { status: 'failed' }]);
    expect(receiver.at('/healthy')).toHaveLength(2);
  });

  it('stop with the webhook, wait while it is disabled, and leave other workspaces alone', async () => {
    const { send, mlflow, hook, register, deliveries } = inWorkspace('switched');
    const id = await hook('/switched', ['registered_model.created']);
    await inWorkspace('elsewhere').register('theirs');
    await mlflow('PATCH', `webhooks/${id}`, { status: 'DISABLED' });
    await register('unheard');
    await mlflow('PATCH', `webhooks/${id}`, { status: 'ACTIVE' });
    await register('heard');
    await settled(() => deliveries(id), 1);
    expect(receiver.at('/switched').map(({ body }) => body.data['name'])).toEqual(['heard']);
    await send('DELETE', `/registry/v1/webhooks/${id}`);
    await register('after');
    expect((await send('GET', `/registry/v1/webhooks/${id}/deliveries`)).status).toBe(404);
  });

  it('queue nothing twice when the log is replayed', async () => {
    const before = receiver.received.length;
    const report = await registry.running.parts.stateful?.runner.rebuild();
    expect(report).toMatchObject({ identical: true });
    expect(report?.tables.filter(({ table }) => /webhook|hooked/.test(table)).every(({ rowsLive }) => rowsLive > 0)).toBe(true);
    const { hook, register, deliveries } = inWorkspace('replayed');
    const id = await hook('/replayed', ['registered_model.created']);
    await register('m');
    await settled(() => deliveries(id), 1);
    expect(receiver.received).toHaveLength(before + 1);
  });
});

describe('deliveries of a registry that stops', () => {
  it('go on where they were, with the secret that was sealed before', async () => {
    const [receiver, database] = [await new Receiver().start(), await createDatabase()];
    const config = { dataDir: tempDir('registry') };
    receiver.behave('/hook', (response, count) => {
      response.statusCode = count === 1 ? 503 : 200;
      response.end();
    });
    const first = await startRegistry({ database, config, settings: { ...QUICK, CAIRN_WEBHOOK_FIRST_RETRY_MS: '2000' } });
    const hook = await first.as('ada', 'POST', '/registry/v1/webhooks', { name: 'h', url: receiver.url('/hook'), events: ['registered_model.created'], secret: SECRET });
    for (const name of ['one', 'two']) await first.as('ada', 'POST', '/api/2.0/mlflow/registered-models/create', { name });
    const path = `/registry/v1/webhooks/${hook.body.webhook_id}/deliveries`;
    await waitUntil('the first attempt is recorded', async () => (await first.as('ada', 'GET', path)).body.items.some(({ attempts }: Delivery) => attempts === 1));
    await first.close();
    const second = await startRegistry({ database, config, settings: QUICK });
    await waitUntil('both are delivered', async () => (await second.as('ada', 'GET', path)).body.items.every(({ status }: Delivery) => status === 'delivered'));
    expect(receiver.received.map(({ body }) => body.data['name'])).toEqual(['one', 'one', 'two']);
    expect(receiver.received.every((one) => isSigned(one, SECRET))).toBe(true);
    const all = JSON.stringify((await second.store.readAll(0n, { limit: 1_000 })).events, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    expect(all).not.toContain('quotes');
    await second.close();
    await database.drop();
    await receiver.stop();
  });

  it('are sent by one of two processes', async () => {
    const [receiver, database] = [await new Receiver().start(), await createDatabase()];
    const config = { dataDir: tempDir('registry') };
    const [one, other] = [await startRegistry({ database, config, settings: QUICK }), await startRegistry({ database, config, settings: QUICK })];
    const hook = await one.as('ada', 'POST', '/registry/v1/webhooks', { name: 'h', url: receiver.url('/hook'), events: ['registered_model.created'] });
    for (const name of ['a', 'b', 'c']) await other.as('ada', 'POST', '/api/2.0/mlflow/registered-models/create', { name });
    const delivered = async (client: RegistryClient): Promise<number> =>
      (await client.as('ada', 'GET', `/registry/v1/webhooks/${hook.body.webhook_id}/deliveries?status=delivered`)).body.items.length;
    await waitUntil('all are delivered', async () => (await delivered(other)) === 3);
    await one.close();
    await other.as('ada', 'POST', '/api/2.0/mlflow/registered-models/create', { name: 'd' });
    await waitUntil('the process that is left delivers', async () => (await delivered(other)) === 4);
    expect(receiver.received.map(({ body }) => body.data['name'])).toEqual(['a', 'b', 'c', 'd']);
    await other.close();
    await database.drop();
    await receiver.stop();
  });
});
