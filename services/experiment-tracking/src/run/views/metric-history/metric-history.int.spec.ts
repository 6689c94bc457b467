import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startedRun } from '../../../../test/support/started-run.js';
import { openView, type ViewHarness } from '../../../../test/support/view-harness.js';
import type { MetricPoint } from '../../domain/commands.js';
import { later } from '../../domain/latest-metric.js';
import { RunListProjection } from '../run-list/run-list.projection.js';
import { MetricHistoryProjection } from './metric-history.projection.js';
import { MetricHistoryQuery, type HistoryPlace } from './metric-history.query.js';
import { LatestMetricRow, MetricChunkRow } from './metric.entity.js';

const logged = (runId: string, points: readonly MetricPoint[]) => ({
  type: 'cairn.tracking.v1.MetricsLogged' as const,
  data: {
    runId, keys: points.map(({ key }) => key), values: points.map(({ value }) => value), timestampsMs: points.map(({ timestampMs }) => timestampMs),
    steps: points.map(({ step }) => step), modelIds: [], datasetNames: [], datasetDigests: [],
  },
});
const point = (value: number, step = 0n, timestampMs = 0n): MetricPoint => ({ key: 'm', value, step, timestampMs });

describe('metric history', () => {
  let view: ViewHarness;
  let query: MetricHistoryQuery;
  const projection = new MetricHistoryProjection();
  const start = (runId: string) => view.apply(new RunListProjection(), startedRun(runId));
  beforeAll(async () => {
    view = await openView(...new RunListProjection().entities, MetricChunkRow, LatestMetricRow);
    query = new MetricHistoryQuery(view.dataSource);
  });
  afterAll(() => view.close());

  it('keeps a point once, in the same batch and in a later one', async () => {
    await start('once');
    await view.apply(projection, logged('once', [point(1), point(1)]), logged('once', [point(1), point(NaN), point(NaN)]));
    await view.apply(projection, logged('once', [point(1), point(NaN)]));
    expect(JSON.parse(`[${(await query.page('once', 'm', 10)).points}]`).map(({ value }: { value: unknown }) => value)).toEqual([1, 'NaN']);
  });

  it('gives every point once and in order, whatever the pages, and however clients log side by side', async () => {
    const value = fc.constantFrom(-Infinity, -1, 0, 1, NaN);
    const batch = fc.array(fc.record({ value, step: fc.bigInt(0n, 3n), timestampMs: fc.bigInt(0n, 12n) }), { minLength: 1, maxLength: 6 });
    const arbitrary = fc.array(batch, { minLength: 1, maxLength: 12 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.integer({ min: 1, max: 8 }), async (batches, limit) => {
        const runId = `paged-${(run += 1)}`;
        await start(runId);
        for (const points of batches) await view.apply(projection, logged(runId, points.map((one) => ({ ...one, key: 'm' }))));
        const text = ({ timestampMs, step, value: at }: Pick<MetricPoint, 'timestampMs' | 'step' | 'value'>): string => `${timestampMs} ${step} ${at}`;
        const byNumber = (one: number, other: number): number => (Number.isNaN(one) ? 1 : Number.isNaN(other) ? -1 : one - other);
        const expected = batches.flat().sort((a, b) => Number(a.timestampMs - b.timestampMs) || Number(a.step - b.step) || byNumber(a.value, b.value));
        const found: string[] = [];
        let after: HistoryPlace | undefined;
        do {
          const page = await query.page(runId, 'm', limit, { after });
          const points = JSON.parse(`[${page.points}]`) as { timestamp: number; step: number; value: number | string }[];
          expect(points.length).toBe(page.count);
          expect(points.length).toBeGreaterThan(0);
          found.push(...points.map((point) => text({ timestampMs: BigInt(point.timestamp), step: BigInt(point.step), value: Number(point.value) })));
          after = page.next;
        } while (after !== undefined);
        expect(found).toEqual([...new Set(expected.map(text))]);
      }),
      { numRuns: 60 },
    );
  });

  it('reads for a page no more than the chunks that it needs', async () => {
    const points = Array.from({ length: 100 }, (_, index) => point(index, BigInt(index), BigInt(index)));
    await start('long');
    for (const one of points) await view.apply(projection, logged('long', [one]));
    const { next } = await query.page('long', 'm', 40);
    expect(next).toEqual(['39', '39', '39', '39', '39']);
    expect(await query.page('long', 'm', 40, { after: next })).toMatchObject({ count: 40, next: ['79', '79', '79', '79', '79'] });
  });

  it('agrees with the domain about the latest point, however the points are cut into batches', async () => {
    const arbitrary = fc.array(
      fc.record({ value: fc.constantFrom(-Infinity, -1, 0, 1, Infinity, NaN), step: fc.bigInt(0n, 2n), timestampMs: fc.bigInt(0n, 2n) }),
      { minLength: 1, maxLength: 12 },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.nat(12), async (some, cut) => {
        const runId = `run-${(run += 1)}`;
        await start(runId);
        const points = some.map((one) => ({ ...one, key: 'm' }));
        for (const batch of [points.slice(0, cut), points.slice(cut)]) if (batch.length > 0) await view.apply(projection, logged(runId, batch));
        const expected = points.reduce<MetricPoint | undefined>((before, next) => later(before, next), undefined);
        const [latest] = await query.latest([runId]);
        expect([latest?.value, latest?.step, latest?.timestampMs]).toEqual([expected?.value, String(expected?.step), String(expected?.timestampMs)]);
      }),
      { numRuns: 40 },
    );
  });
});
