import { newId } from '@cairn/kernel';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../support/serving.js';

let serving: Serving;
const PATH = '/serving/v1/deployments/delays';
const label = (more: object = {}) => ({ prediction_id: `${newId()}:0`, label: 1, known_time: '2001-04-01T08:00:00Z', ...more });
const record = (body: unknown, headers = {}) => serving.fetchJson('POST', `${PATH}/labels`, body, headers);

beforeAll(async () => {
  serving = await startServing();
  await serving.deploy('delays', 1);
});

afterAll(() => serving.close());

describe('201', () => {
  it('records labels as a file', async () => {
    const labels = [label(), label({ label: 0, known_time: '2001-04-02T08:00:00.5+02:00' })];
    const { status, body } = await record({ labels });
    expect({ status, body }).toMatchObject({ status: 201, body: { row_count: 2 } });
    const bytes = await serving.running.parts.objectStore.read(body.digest, { maxBytes: 100_000 });
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    expect(await parquetReadObjects({ file })).toEqual([
      { prediction_id: labels[0]?.prediction_id, label: 1, known_time: new Date('2001-04-01T08:00:00Z') },
      { prediction_id: labels[1]?.prediction_id, label: 0, known_time: new Date('2001-04-02T06:00:00.500Z') },
    ]);
    const listed = (await serving.fetchJson('GET', `${PATH}/labels?limit=1000`)).body.items;
    expect(listed).toContainEqual(expect.objectContaining({ batch_id: body.batch_id, digest: body.digest, row_count: 2 }));
  });

  it('records them once for one Idempotency-Key', async () => {
    const body = { labels: [label()] };
    const before = await serving.store.size();
    const [first, second] = [await record(body, { 'idempotency-key': 'k' }), await record(body, { 'idempotency-key': 'k' })];
    expect(second.body).toEqual(first.body);
    expect((await serving.store.size()) - before).toBe(1n);
  });

  it('records nothing when the same come again right away, and does when others came in between', async () => {
    const [id, others] = [`${newId()}:0`, { labels: [label()] }];
    const body = { labels: [label({ prediction_id: id })] };
    const first = await record(body);
    const before = await serving.store.size();
    expect((await record(body)).body).toEqual(first.body);
    expect(await serving.store.size()).toBe(before);
    await record(others);
    expect((await record(body)).body.batch_id).not.toBe(first.body.batch_id);
  });
});

describe('200', () => {
  it('seals what was answered, and nothing the second time', async () => {
    await serving.infer('delays', [[1, 2], [3, 4]]);
    const seal = () => serving.fetchJson('POST', `${PATH}/seal`);
    const { status, body } = await seal();
    expect({ status, body }).toMatchObject({ status: 200, body: { items: [{ row_count: 2, version_ids: [] }] } });
    expect((await seal()).body).toEqual({ items: [] });
    expect((await serving.fetchJson('GET', `${PATH}/segments`)).body.items).toEqual(body.items);
  });
});

describe('400', () => {
  it.each([
    [{}, '/labels must be a list'],
    [[], '/labels must be a list'],
    [{ labels: [] }, '/labels must have 1 to 10000 entries'],
    [{ labels: new Array(10_001).fill({}) }, '/labels must have 1 to 10000 entries'],
    [{ labels: [label()], more: 1 }, '/more should not exist'],
    [{ labels: [7] }, '/labels/0 must be an object'],
    [{ labels: [label(), label({ prediction_id: 1 })] }, '/labels/1/prediction_id'],
    [{ labels: [label({ label: 'late' })] }, '/labels/0/label'],
    [{ labels: [label({ known_time: '1 April' })] }, '/labels/0/known_time'],
  ])('for %.50j', async (body, detail) => {
    expect(await record(body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED', detail: expect.stringContaining(detail) } });
  });
});

describe('404', () => {
  it('for a deployment that is not there', async () => {
    for (const [method, path] of [['POST', 'seal'], ['GET', 'segments'], ['GET', 'labels']] as const) {
      expect(await serving.fetchJson(method, `/serving/v1/deployments/nobody/${path}`)).toMatchObject({ status: 404, body: { code: 'DEPLOYMENT_NOT_FOUND' } });
    }
  });
});
