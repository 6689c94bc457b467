import { startTestService, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { WindowMeasurer } from '../../src/monitor/measure/window-measurement.js';
import { MonitorListQuery } from '../../src/monitor/views/monitor-list/monitor-list.query.js';
import { label, prediction } from '../support/inference-log.js';
import type { PredictionRow } from '../support/parquet-files.js';
import { REFERENCE, WatchedDeployment, type MonitorChanges } from '../support/watched-deployment.js';

const NOON = '2001-04-04T12:00:00Z';
const WEEK = { start: '2001-04-02T00:00:00Z', end: '2001-04-09T00:00:00Z', predictions: 0, labelled: 0, isOver: true };

let monitoring: TestService;

beforeAll(async () => {
  monitoring = await startTestService(service);
});

afterAll(() => monitoring.close());

const open = (changes?: MonitorChanges) => WatchedDeployment.open(monitoring, changes);

/** Measures the week from 2 April 2001, as soon as the read model shows the log so far. */
async function measure({ monitorName }: WatchedDeployment) {
  const { app, parts } = monitoring.running;
  await parts.stateful!.runner.waitFor((await monitoring.store.size()) - 1n);
  const monitor = await app.get(MonitorListQuery).find('default', monitorName);
  return app.get(WindowMeasurer).measure(monitor!, WEEK);
}

/** Seals rows, labels the first of them as not late, and measures. */
async function measureRows(deployment: WatchedDeployment, ...rows: PredictionRow[]) {
  await deployment.log.seal(...rows);
  await deployment.log.recordLabels(label(rows[0]!, 0));
  return measure(deployment);
}

const withDistances = (distances: readonly number[]) => distances.map((distance) => prediction(NOON, 0.5, { features: { distance } }));

describe('drift of a feature', () => {
  it('is none when its values are spread as in the reference', async () => {
    expect(await measureRows(await open(), ...withDistances(REFERENCE.distance))).toMatchObject({ features: [{ feature: 'distance', psi: 0 }] });
  });

  it('is PSI over ten bins of the reference', async () => {
    // The bins hold 2, 1, …, 1 of the reference’s eleven values. Of four new ones, all are above the last edge. With half a row more per bin: of 16, and of 9.
    const psi =
      (0.5 / 9 - 2.5 / 16) * Math.log(0.5 / 9 / (2.5 / 16)) + 8 * (0.5 / 9 - 1.5 / 16) * Math.log(0.5 / 9 / (1.5 / 16)) + (4.5 / 9 - 1.5 / 16) * Math.log(4.5 / 9 / (1.5 / 16));
    const measured = await measureRows(await open(), ...withDistances([11, 12, 100, 1_000]));
    expect(measured?.features).toEqual([{ feature: 'distance', psi: expect.closeTo(psi, 12) }]);
    expect(psi).toBeCloseTo(0.94406, 5);
  });

  it('has two bins where the reference has one value: up to it and above it', async () => {
    const reference = { distance: [5, 5, 5], label: [0, 0, 1] };
    // Reference: 3 and 0; new: 1 and 1. With half a row more: 3.5 and 0.5 of 4; 1.5 and 1.5 of 3.
    const psi = (0.5 - 3.5 / 4) * Math.log(0.5 / (3.5 / 4)) + (0.5 - 0.5 / 4) * Math.log(0.5 / (0.5 / 4));
    const measured = await measureRows(await open({ reference }), ...withDistances([5, 6]));
    expect(measured?.features).toEqual([{ feature: 'distance', psi: expect.closeTo(psi, 12) }]);
  });

  it('is measured for each feature alone', async () => {
    const reference = { distance: REFERENCE.distance, hour: REFERENCE.distance, label: REFERENCE.label };
    const deployment = await open({ features: ['hour', 'distance'], reference });
    const rows = REFERENCE.distance.map((hour) => prediction(NOON, 0.5, { features: { distance: 11, hour } }));
    const measured = await measureRows(deployment, ...rows);
    expect(measured?.features).toEqual([{ feature: 'distance', psi: expect.any(Number) }, { feature: 'hour', psi: 0 }]);
    expect(measured?.features[0]?.psi).toBeGreaterThan(1);
  });

  it('leaves out rows of segments without the feature', async () => {
    const deployment = await open();
    await deployment.log.seal(prediction(NOON, 0.5, { features: { hour: 7 } }));
    const measured = await measureRows(deployment, ...withDistances(REFERENCE.distance));
    expect(measured).toMatchObject({ predictions: 12n, features: [{ feature: 'distance', psi: 0 }] });
  });
});

describe('the boundaries of a window', () => {
  it('include its first moment and exclude its end', async () => {
    const deployment = await open();
    const moments = ['2001-04-01T23:59:59.999Z', '2001-04-02T00:00:00.000Z', '2001-04-08T23:59:59.999Z', '2001-04-09T00:00:00.000Z'];
    const measured = await measureRows(deployment, ...moments.map((moment, index) => prediction(moment, (index + 1) / 8)));
    expect(measured).toMatchObject({ predictions: 2n, meanPrediction: 2.5 / 8 });
  });

  it('are the same for segments of their own', async () => {
    const deployment = await open();
    for (const [moment, value] of [['2001-04-01T23:59:59.999Z', 1], ['2001-04-02T00:00:00.000Z', 0.25], ['2001-04-09T00:00:00.000Z', 1]] as const) {
      await deployment.log.seal(prediction(moment, value));
    }
    expect(await measureRows(deployment, prediction('2001-04-02T00:00:00.500Z', 0.75))).toMatchObject({ predictions: 2n, meanPrediction: 0.5 });
  });
});

describe('a window without answers', () => {
  it('is not measured when nothing was logged', async () => {
    expect(await measure(await open())).toBeUndefined();
  });

  it('is not measured by segments that have expired', async () => {
    const deployment = await open();
    await deployment.log.seal(prediction(NOON, 0.25));
    await deployment.log.expire();
    expect(await measure(deployment)).toBeUndefined();
    expect(await measureRows(deployment, prediction(NOON, 0.75))).toMatchObject({ predictions: 1n, meanPrediction: 0.75 });
  });

  it('is not measured when only shadows and the fallback spoke', async () => {
    const deployment = await open();
    const rows = [prediction(NOON, 0.5, { arm: 'shadow' }), prediction(NOON, 0.25, { arm: 'fallback', versionId: '' })];
    expect(await measureRows(deployment, ...rows)).toBeUndefined();
  });
});

describe('what counts', () => {
  it('is what a model answered a caller', async () => {
    const deployment = await open();
    const live = prediction(NOON, 0.75);
    const shadow = { ...prediction(NOON, 0.125, { arm: 'shadow', versionId: 'v2' }), id: live.id };
    const others = ['canary', 'full', 'pinned'].map((arm) => prediction(NOON, 0.75, { arm, versionId: 'v3' }));
    const measured = await measureRows(deployment, live, shadow, ...others, prediction(NOON, 0, { arm: 'fallback', versionId: '' }));
    expect(measured).toMatchObject({ predictions: 4n, labelled: 1n, meanPrediction: 0.75, versionIds: ['v1', 'v3'] });
  });

  it('is the label that was recorded last, whenever it is said to have been known', async () => {
    const deployment = await open();
    const row = prediction(NOON, 0.75);
    await deployment.log.seal(row);
    await deployment.log.recordLabels(label(row, 1, '2001-04-12T00:00:00Z'));
    await deployment.log.recordLabels(label(row, 0, '2001-04-11T00:00:00Z'));
    expect(await measure(deployment)).toMatchObject({ labelled: 1n, labelRate: 0, logLoss: expect.closeTo(-Math.log(0.25), 12) });
    await deployment.log.recordLabels(label(row, 1, '2001-04-12T00:00:00Z'));
    expect(await measure(deployment)).toMatchObject({ labelled: 1n, labelRate: 1 });
  });

  it('is no AUC where all labels are of one class, and nothing by labels where there are none', async () => {
    const deployment = await open();
    const rows = [prediction(NOON, 0.25), prediction(NOON, 0.75)];
    await deployment.log.seal(...rows);
    await deployment.log.recordLabels(label(prediction(NOON, 1), 1));
    const unlabelled = await measure(deployment);
    expect(unlabelled).toMatchObject({ predictions: 2n, labelled: 0n, labelRate: 0 });
    await deployment.log.recordLabels(...rows.map((row) => label(row, 1)));
    const oneClass = await measure(deployment);
    expect(oneClass).toMatchObject({ labelled: 2n, labelRate: 1 });
    expect([unlabelled?.auc, unlabelled?.logLoss, oneClass?.auc]).toEqual([undefined, undefined, undefined]);
  });
});
