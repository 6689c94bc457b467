import type { Digest } from '@cairn/object-store';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RetentionSweep } from '../../src/inference-log/retention/retention-sweep.js';
import { startServing, type Serving } from '../support/serving.js';

let serving: Serving;
const PATH = '/serving/v1/deployments/delays';
const configure = (body: object, path = PATH) => serving.fetchJson('PUT', `${path}/logging`, body);

beforeAll(async () => {
  serving = await startServing();
  await serving.deploy('delays', 1);
  await serving.complete('delays', await serving.rollOut('delays', await serving.version()));
  await seal();
});

afterAll(() => serving.close());

/** Rows of what was answered since the last time. */
async function seal(): Promise<Record<string, unknown>[]> {
  const { status, body } = await serving.fetchJson('POST', `${PATH}/seal`);
  expect(status).toBe(200);
  const rows: Record<string, unknown>[] = [];
  for (const { digest } of body.items as readonly { digest: Digest }[]) {
    const bytes = await serving.running.parts.objectStore.read(digest, { maxBytes: 1_000_000 });
    rows.push(...(await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer })));
  }
  return rows;
}

describe('200', () => {
  it('keeps everything for ever where nobody says otherwise', async () => {
    expect((await serving.fetchJson('GET', PATH)).body.logging).toEqual({ sample_rate: 1, redacted_columns: [], retention_days: 0 });
    await serving.infer('delays', [[1, 2]]);
    expect(await seal()).toEqual([expect.objectContaining({ distance: 1, hour: 2, arm: 'live', propensity: 1, sample_rate: 1 })]);
  });

  it('writes no value of a column that is redacted', async () => {
    const redacted = { sample_rate: 1, redacted_columns: ['distance'], retention_days: 0 };
    expect(await configure({ redacted_columns: ['distance'] })).toMatchObject({ status: 200, body: { logging: redacted } });
    await serving.infer('delays', [[7, 2], [8, 3]]);
    expect(await seal()).toMatchObject([{ distance: null, hour: 2 }, { distance: null, hour: 3 }]);
    await configure({});
  });

  it('keeps a share of the requests, each whole', async () => {
    await configure({ sample_rate: 0.5 });
    const answered: string[] = [];
    for (let sent = 0; sent < 60; sent += 1) answered.push((await serving.infer('delays', [[1, 2], [3, 4]])).body.parameters.inference_id);
    const rows = await seal();
    const kept = new Set(rows.map((row) => row['inference_id']));
    // Of 60, with a probability of less than 1 in 10^9 of being wrong.
    expect(kept.size).toBeGreaterThan(6);
    expect(kept.size).toBeLessThan(54);
    expect(rows).toHaveLength(2 * kept.size);
    expect(rows.every((row) => row['sample_rate'] === 0.5 && answered.includes(String(row['inference_id'])))).toBe(true);
    await configure({ sample_rate: 0 });
    await serving.infer('delays', [[1, 2]]);
    expect(await seal()).toEqual([]);
    await configure({});
  });

  it('shows nobody segments that are older than they may become', async () => {
    await serving.infer('delays', [[1, 2]]);
    await seal();
    const listed = async () => (await serving.fetchJson('GET', `${PATH}/segments`)).body.items as readonly { segment_id: string }[];
    const before = await listed();
    const sweep = serving.running.app.get(RetentionSweep);
    await configure({ retention_days: 2 });
    await sweep.sweep(Date.now() + 86_400_000);
    expect(await listed()).toEqual(before);
    await sweep.sweep(Date.now() + 3 * 86_400_000);
    await expect.poll(listed).toEqual([]);
    const { events } = await serving.store.readAll(0n, { filter: { types: ['cairn.serving.v1.SegmentsExpired'] } });
    expect(events.map(({ data }) => data)).toMatchObject([{ segmentIds: before.map(({ segment_id }) => segment_id), retentionDays: 2 }]);
    expect((await serving.fetchJson('POST', '/serving/v1/admin/rebuild', { swap: false })).body).toMatchObject({ identical: true });
    await configure({});
  });

  it('records nothing that is in force already', async () => {
    await configure({ retention_days: 9 });
    const before = await serving.store.size();
    expect((await configure({ retention_days: 9 })).status).toBe(200);
    expect(await serving.store.size()).toBe(before);
    await configure({});
  });
});

describe('400', () => {
  it.each([
    [{ sample_rate: 2 }], [{ sample_rate: '1' }], [{ retention_days: -1 }], [{ retention_days: 1.5 }], [{ redacted_columns: 'a' }], [{ redacted_columns: ['a', 'a'] }],
    [{ redacted_columns: [''] }], [{ more: 1 }],
  ])('for %j', async (body) => {
    expect(await configure(body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
  });
});

describe('404', () => {
  it('for a deployment that is not there', async () => {
    expect(await configure({}, '/serving/v1/deployments/nobody')).toMatchObject({ status: 404, body: { code: 'DEPLOYMENT_NOT_FOUND' } });
  });
});
