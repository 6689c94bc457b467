import { newId } from '@cairn/kernel';
import type { Digest } from '@cairn/object-store';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RetentionSweep } from '../../src/inference-log/retention/retention-sweep.js';
import { startServing, type Serving } from '../support/serving.js';

let serving: Serving;
let versionId: string;
const PATH = '/serving/v1/deployments/delays';
const KNOWN = '2001-04-02T08:00:00.000Z';

const get = (path: string) => serving.fetchJson('GET', `${PATH}/${path}`);
const put = (id: string, body: object) => serving.fetchJson('PUT', `${PATH}/predictions/${id}/label`, body);
const bulk = (...labels: readonly object[]) => serving.fetchJson('POST', `${PATH}/labels`, { labels });
const join = (body: object = {}) => serving.fetchJson('POST', `${PATH}/joined`, { from: '2001-04-01T00:00:00Z', to: '2001-05-01T00:00:00Z', ...body });
const seal = async () => expect((await serving.fetchJson('POST', `${PATH}/seal`)).status).toBe(200);

/** Answers one row for a moment; its prediction id. */
async function predict(eventTime = '2001-04-01T08:00:00Z', row: readonly number[] = [1, 2]): Promise<string> {
  const { status, body } = await serving.infer('delays', [row], { parameters: { event_time: eventTime } });
  expect(status).toBe(200);
  return `${body.parameters.inference_id}:0`;
}

async function rowsOf(digest: Digest): Promise<Record<string, unknown>[]> {
  const bytes = await serving.running.parts.objectStore.read(digest, { maxBytes: 1_000_000 });
  return parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer });
}

beforeAll(async () => {
  serving = await startServing();
  versionId = await serving.version();
  await serving.deploy('delays', 1);
});

afterAll(() => serving.close());

describe('200', () => {
  it('counts no labels where there is nothing', async () => {
    expect(await get('labels/figures')).toMatchObject({ status: 200, body: { predictions: 0, matched: 0, unmatched: 0, corrected: 0, records: 0 } });
  });

  it('leads from a prediction back to its segment, its event and its labels', async () => {
    const rolloutId = await serving.rollOut('delays', versionId);
    const id = await predict();
    await put(id, { label: 1, known_time: KNOWN });
    await seal();
    const { status, body } = await get(`predictions/${id}`);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        prediction_id: id, event_time: '2001-04-01T08:00:00.000Z', arm: 'fallback', version_id: '', propensity: 1, sample_rate: 1, features: { distance: 1, hour: 2 },
        replica_id: expect.stringMatching(/./),
        prediction: 0.25, compared: [{ arm: 'shadow', version_id: versionId, features: { distance: 1, hour: 2 } }], labels: [{ label: 1, known_time: KNOWN }],
      },
    });
    const { events } = await serving.store.readAll(BigInt(body.segment.position), { limit: 1 });
    expect(events[0]).toMatchObject({ type: 'cairn.serving.v1.InferenceSegmentSealed', data: { segmentId: body.segment.segment_id, digest: body.segment.digest } });
    expect((await rowsOf(body.segment.digest)).map((row) => row['prediction_id'])).toContain(id);
    await serving.fetchJson('POST', `${PATH}/rollouts/${rolloutId}/abort`, { reason: 'over' });
  });

  it('records a label once, a correction after it, and keeps both', async () => {
    const id = await predict();
    const first = await put(id, { label: 0, known_time: KNOWN });
    const before = await serving.store.size();
    expect(await put(id, { label: 0, known_time: KNOWN })).toMatchObject({ status: 200, body: first.body });
    expect(await put(id, { label: 0 })).toMatchObject({ status: 200, body: first.body });
    expect(await serving.store.size()).toBe(before);
    // It is said to have been known before: that does not make it older.
    const second = await put(id, { label: 1, known_time: '2001-04-01T09:00:00Z' });
    expect(second.body).toMatchObject({ label: 1, known_time: '2001-04-01T09:00:00.000Z' });
    await seal();
    const { body } = await get(`predictions/${id}`);
    expect(body.labels.map((record: object) => ({ prediction_id: id, ...record }))).toEqual([first.body, second.body]);
  });

  it('joins what came in any order, as it was known at any position', async () => {
    const from = '2001-06-01T00:00:00Z';
    const [early, late, none] = [await predict(from), await predict('2001-06-02T00:00:00Z'), await predict('2001-06-03T00:00:00Z')];
    await predict('2001-07-01T00:00:00Z');
    await bulk({ prediction_id: early, label: 0, known_time: KNOWN }, { prediction_id: `${newId()}:0`, label: 1, known_time: KNOWN });
    await seal();
    const then = (await serving.store.size()) - 1n;
    await bulk({ prediction_id: late, label: 1, known_time: KNOWN }, { prediction_id: early, label: 1, known_time: KNOWN });
    const june = { from, to: '2001-07-01T00:00:00Z' };
    const labels = async (digest: Digest) => (await rowsOf(digest)).map(({ prediction_id, label, label_values }) => [prediction_id, label, label_values]);
    const now = await join(june);
    expect(now).toMatchObject({ status: 200, body: { predictions: 3, labelled: 2 } });
    const sent = await fetch(`${serving.url}${PATH}/joined/${now.body.digest}/data`);
    expect(await parquetReadObjects({ file: await sent.arrayBuffer() })).toEqual(await rowsOf(now.body.digest));
    expect(await labels(now.body.digest)).toEqual([[early, 1, 2n], [late, 1, 1n], [none, null, null]]);
    const before = await join({ ...june, as_of_position: String(then) });
    expect(before.body).toMatchObject({ predictions: 3, labelled: 1, as_of_position: String(then) });
    expect(await labels(before.body.digest)).toEqual([[early, 0, 1n], [late, null, null], [none, null, null]]);
    expect((await join({ ...june, as_of_position: now.body.as_of_position })).body).toEqual(now.body);
  });

  it('counts labels, and how long they took', async () => {
    const { body: before } = await get('labels/figures');
    const id = await predict('2001-08-01T00:00:00Z');
    await seal();
    await bulk({ prediction_id: id, label: 0, known_time: '2001-08-02T00:00:00Z' }, { prediction_id: `${newId()}:3`, label: 1, known_time: KNOWN });
    await bulk({ prediction_id: id, label: 1, known_time: '2001-08-02T00:00:00Z' });
    const { body } = await get('labels/figures');
    expect(body).toMatchObject({
      predictions: before.predictions + 1, matched: before.matched + 1, unmatched: before.unmatched + 1, corrected: before.corrected + 1, records: before.records + 3,
    });
    expect(body.delay_seconds.p50).toBeGreaterThan(0);
  });
});

describe('404', () => {
  it('for a prediction that is in no segment yet, and says when it will be', async () => {
    const id = await predict();
    expect(await get(`predictions/${id}`)).toMatchObject({ status: 404, body: { code: 'PREDICTION_NOT_SEALED', detail: expect.stringContaining('60 seconds') } });
    await seal();
    expect((await get(`predictions/${id}`)).status).toBe(200);
  });

  it('for a prediction that nobody made, and for one that has expired', async () => {
    const never = '0198c7a0-1234-7abc-8def-000000000000:0';
    expect(await get(`predictions/${never}`)).toMatchObject({ status: 404, body: { code: 'PREDICTION_NOT_FOUND' } });
    const deployment = `${PATH}/logging`;
    const id = await predict();
    await seal();
    await serving.fetchJson('PUT', deployment, { retention_days: 1 });
    await serving.running.app.get(RetentionSweep).sweep(Date.now() + 2 * 86_400_000);
    await expect.poll(async () => (await get(`predictions/${id}`)).status).toBe(404);
    expect((await join()).body).toMatchObject({ code: 'NO_PREDICTIONS' });
  });

  it('for a file that is none of the joined ones', async () => {
    const { body } = await get('segments');
    const digest = body.items[0]?.digest ?? `sha256:${'0'.repeat(64)}`;
    expect(await get(`joined/${digest}/data`)).toMatchObject({ status: 404, body: { code: 'JOINED_NOT_FOUND' } });
  });

  it('for a deployment that is not there', async () => {
    const id = `${newId()}:0`;
    const nobody = '/serving/v1/deployments/nobody';
    const range = { from: '2001-04-01T00:00:00Z', to: '2001-05-01T00:00:00Z' };
    for (const [method, path, body] of [
      ['GET', `predictions/${id}`], ['PUT', `predictions/${id}/label`, { label: 1 }], ['GET', 'labels/figures'], ['POST', 'joined', range],
    ] as const) {
      expect(await serving.fetchJson(method, `${nobody}/${path}`, body)).toMatchObject({ status: 404, body: { code: 'DEPLOYMENT_NOT_FOUND' } });
    }
  });
});

describe('422', () => {
  const ids = ['one', '3b241101-e2bb-4255-8caf-4136c566a962:0', 'ffffffff-ffff-7abc-8def-000000000000:0', `${newId()}:-1`];

  it.each(ids)('for the prediction id %s, which can’t be', async (id) => {
    const impossible = { status: 422, body: { code: 'IMPOSSIBLE_PREDICTION' } };
    expect(await get(`predictions/${id}`)).toMatchObject(impossible);
    expect(await put(id, { label: 1 })).toMatchObject(impossible);
    expect(await bulk({ prediction_id: `${newId()}:0`, label: 1, known_time: KNOWN }, { prediction_id: id, label: 1, known_time: KNOWN })).toMatchObject({
      status: 422, body: { code: 'IMPOSSIBLE_PREDICTION', detail: expect.stringContaining('/labels/1/prediction_id') },
    });
  });

  it('for a position that the log has not reached, and a time without predictions', async () => {
    expect(await join({ as_of_position: '999999999' })).toMatchObject({ status: 422, body: { code: 'POSITION_NOT_REACHED' } });
    expect(await join({ from: '1999-01-01T00:00:00Z', to: '1999-02-01T00:00:00Z' })).toMatchObject({ status: 422, body: { code: 'NO_PREDICTIONS' } });
  });
});

describe('400', () => {
  it.each([[{}], [{ label: 'late' }], [{ label: null }], [{ label: 1, known_time: '1 April' }], [{ label: 1, more: 1 }]])('for the label %j', async (body) => {
    expect((await put(`${newId()}:0`, body)).status).toBe(400);
  });

  it.each([[{ from: 'then' }], [{ to: 7 }], [{ from: '2001-06-01T00:00:00Z' }], [{ as_of_position: '-1' }], [{ as_of_position: 3 }]])('for the range %j', async (body) => {
    expect((await join(body)).status).toBe(400);
  });
});
