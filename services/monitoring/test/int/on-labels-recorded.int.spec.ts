import { Deliveries, startTestNats, startTestService, waitUntil, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { InferenceLog, label, prediction } from '../support/inference-log.js';
import { numbersFile } from '../support/parquet-files.js';
import { WatchedDeployment } from '../support/watched-deployment.js';

const POLICY = {
  type: 'cairn.serving.v1.LabelsRecorded',
  handler: 'on-labels-recorded',
  durable: 'monitoring_on-labels-recorded_serving-LabelsRecorded',
};
const ABSENT = `sha256:${'0'.repeat(64)}`;

let nats: Awaited<ReturnType<typeof startTestNats>>;
let monitoring: TestService;
let deliveries: Deliveries;

beforeAll(async () => {
  nats = await startTestNats();
  monitoring = await startTestService(service, { nats: nats.url });
  deliveries = new Deliveries(monitoring, nats.url, POLICY);
});

afterAll(async () => {
  await monitoring.close();
  await nats.stop();
});

/** Ten predictions of the week from Monday, 2 April 2001, and what came true. The tenth has no label yet. */
function week() {
  const values = [0.1, 0.2, 0.3, 0.4, 0.4, 0.6, 0.7, 0.8, 0.9, 0.5];
  const truths = [0, 0, 1, 0, 1, 0, 1, 1, 1];
  const rows = values.map((value, index) => prediction(`2001-04-0${2 + (index % 7)}T12:00:00Z`, value, { versionId: index < 5 ? 'v1' : 'v2' }));
  return { rows, labels: truths.map((truth, index) => label(rows[index]!, truth)) };
}

const nextMonday = () => prediction('2001-04-09T00:00:00Z', 0.5);
const settled = <T>(act: () => Promise<T>) => deliveries.until(1, 'ack', act);

/** A deployment with one judged week; answers its tenth prediction, which has no label. */
async function judgedWeek() {
  const deployment = await WatchedDeployment.open(monitoring);
  const { rows, labels } = week();
  await deployment.log.seal(...rows, nextMonday());
  await settled(() => deployment.log.recordLabels(...labels));
  return { deployment, rows, tenth: rows[9]!, labels };
}

describe('a complete window', () => {
  it('is measured and judged, and the judgement is appended', async () => {
    const { deployment } = await judgedWeek();
    // Of 5 · 4 pairs of a late and a punctual flight the late one has the higher prediction in 16, and one pair is even: 16.5 / 20.
    const logLoss = -(2 * Math.log(0.9) + 2 * Math.log(0.8) + Math.log(0.3) + Math.log(0.6) + 2 * Math.log(0.4) + Math.log(0.7)) / 9;
    expect(await deployment.windows()).toEqual([
      expect.objectContaining({
        window_start: '2001-04-02T00:00:00Z', window_end: '2001-04-09T00:00:00Z', evaluation: 1, verdict: 'ok', breaches: [], incident_id: '',
        predictions: 10, labelled: 9, label_rate: 5 / 9, auc: 0.825, prediction_psi: 0, version_ids: ['v1', 'v2'],
        mean_prediction: expect.closeTo(0.49, 12), log_loss: expect.closeTo(logLoss, 12), reference_label_rate: expect.closeTo(3 / 11, 12),
      }),
    ]);
    expect(await deployment.evaluations()).toMatchObject([{ windowStart: '2001-04-02T00:00:00Z', predictions: 10n, labelled: 9n, auc: 0.825 }]);
  });

  it('is appended by monitoring on behalf of whoever recorded the labels, and names them as its cause', async () => {
    const { deployment } = await judgedWeek();
    const { events } = await monitoring.store.readAll(0n, { limit: 10_000 });
    const labels = events.findLast(({ type, data }) => type === POLICY.type && data['deploymentName'] === deployment.monitorName);
    expect(events.findLast(({ type }) => type === 'cairn.monitoring.v1.WindowEvaluated')).toMatchObject({
      source: '/monitoring', workspace: 'default', actor: { principal: 'service:monitoring', onBehalfOf: 'ana' }, causationId: labels?.id,
    });
  });

  it('opens an incident when it breaches, in the same append', async () => {
    const deployment = await WatchedDeployment.open(monitoring, { thresholds: { minimum_auc: 0.9 } });
    const { rows, labels } = week();
    await deployment.log.seal(...rows, nextMonday());
    await settled(() => deployment.log.recordLabels(...labels));
    const [window] = await deployment.windows();
    expect(window).toMatchObject({ verdict: 'breach', breaches: ['AUC 0.825 is below 0.9'] });
    expect((await monitoring.fetchJson('GET', `/monitoring/v1/incidents/${window.incident_id}`)).body).toMatchObject({
      status: 'open', monitor: deployment.monitorName, window_start: '2001-04-02T00:00:00Z', windows: 1,
    });
    const { events } = await monitoring.store.readAll(BigInt(window.position));
    expect(events.map(({ type }) => type)).toEqual(['cairn.monitoring.v1.WindowEvaluated', 'cairn.monitoring.v1.IncidentOpened']);
  });
});

describe('a window that is not complete', () => {
  it('has a label for fewer than nine predictions in ten: it is judged with the one that was missing', async () => {
    const deployment = await WatchedDeployment.open(monitoring);
    const { rows, labels } = week();
    await deployment.log.seal(...rows, nextMonday());
    await settled(() => deployment.log.recordLabels(...labels.slice(0, 8)));
    expect(await deployment.windows()).toEqual([]);
    await settled(() => deployment.log.recordLabels(labels[8]!));
    expect(await deployment.windows()).toMatchObject([{ labelled: 9, evaluation: 1, auc: 0.825 }]);
  });

  it('is not over: it is judged once labels of a later one show that it is', async () => {
    const deployment = await WatchedDeployment.open(monitoring);
    const { rows, labels } = week();
    await deployment.log.seal(...rows);
    await settled(() => deployment.log.recordLabels(...labels));
    expect(await deployment.windows()).toEqual([]);
    const later = nextMonday();
    await deployment.log.seal(later);
    await settled(() => deployment.log.recordLabels(label(later, 1)));
    expect(await deployment.windows()).toMatchObject([{ window_start: '2001-04-02T00:00:00Z', labelled: 9 }]);
  });

  it('had its labels before its segments: it is judged with the next labels', async () => {
    const deployment = await WatchedDeployment.open(monitoring);
    const { rows, labels } = week();
    await settled(() => deployment.log.recordLabels(...labels));
    const later = nextMonday();
    await deployment.log.seal(...rows, later);
    await settled(() => deployment.log.recordLabels(label(later, 1)));
    expect(await deployment.windows()).toMatchObject([{ window_start: '2001-04-02T00:00:00Z', labelled: 9 }]);
  });

  it('of other deployments and workspaces has nothing to do with it', async () => {
    const deployment = await WatchedDeployment.open(monitoring);
    const { rows, labels } = week();
    const elsewhere = new InferenceLog(monitoring, deployment.monitorName, 'other');
    await elsewhere.seal(...rows, nextMonday());
    await settled(() => elsewhere.recordLabels(...labels));
    expect(await deployment.windows()).toEqual([]);
  });
});

describe('labels that come again, or late', () => {
  it('change nothing when all of them are delivered again', async () => {
    await judgedWeek();
    const before = await monitoring.store.size();
    await deliveries.again();
    expect(await monitoring.store.size()).toBe(before);
  });

  it('change nothing when the same are recorded again', async () => {
    const { deployment, labels } = await judgedWeek();
    await settled(() => deployment.log.recordLabels(...labels));
    expect(await deployment.evaluations()).toHaveLength(1);
  });

  it('judge a window again when there are more of them', async () => {
    const { deployment, tenth } = await judgedWeek();
    await settled(() => deployment.log.recordLabels(label(tenth, 0)));
    // The new punctual one has the prediction 0.5: three of five late ones are above it, so 19.5 of 25 pairs.
    expect(await deployment.windows()).toMatchObject([{ evaluation: 2, labelled: 10, label_rate: 0.5, auc: 0.78 }]);
    expect((await deployment.evaluations()).map(({ evaluation, labelled }) => [evaluation, labelled])).toEqual([[1, 9n], [2, 10n]]);
  });
});

describe('windows one after the other', () => {
  it('compare their predictions with those of the first', async () => {
    const deployment = await WatchedDeployment.open(monitoring);
    const first = Array.from({ length: 11 }, (_, index) => prediction('2001-04-02T12:00:00Z', (index + 1) / 16));
    const second = first.map(() => prediction('2001-04-09T12:00:00Z', 11 / 16));
    await deployment.log.seal(...first, ...second, prediction('2001-04-16T00:00:00Z', 0.5));
    await settled(() => deployment.log.recordLabels(...first.map((row) => label(row, 0))));
    await settled(() => deployment.log.recordLabels(...second.map((row) => label(row, 1))));
    const [one, two] = await deployment.judged(2);
    expect([one.prediction_psi, one.auc, one.label_rate]).toEqual([0, null, 0]);
    // Tenths of 1/16 … 11/16 hold 2, 1, …, 1 rows. All new ones are in the last. With half a row more in each bin, of 16:
    const psi = (2 / 16) * Math.log(2.5 / 0.5) + 8 * (1 / 16) * Math.log(1.5 / 0.5) + (10 / 16) * Math.log(11.5 / 1.5);
    expect([two.prediction_psi, two.auc, two.label_rate]).toEqual([expect.closeTo(psi, 12), null, 1]);
  });
});

describe('labels that can not be used', () => {
  it.each([
    ['a file that is not there', async () => ABSENT, /Nothing is stored as/],
    ['a file that is no Parquet', async () => (await monitoring.running.parts.objectStore.put(Buffer.from('late, all of them'))).digest, /magic bytes|Parquet/i],
    ['a table without labels', async () => (await monitoring.running.parts.objectStore.put(numbersFile({ distance: [1] }))).digest, /holds no labels/],
  ])('%s: they are a dead letter, and the next ones are handled', async (_, digest, reason) => {
    const { deployment, tenth } = await judgedWeek();
    const position = await deployment.log.recordBatch(await digest());
    expect(await deliveries.reasonOf(position)).toMatch(reason);
    await settled(() => deployment.log.recordLabels(label(tenth, 0)));
    expect(await deployment.windows()).toMatchObject([{ evaluation: 2, labelled: 10 }]);
  });

  it('by one monitor, whose feature nobody logs: the others judge, and the dead letter names it', async () => {
    const deployment = await WatchedDeployment.open(monitoring, { features: ['altitude'], reference: { altitude: [1, 2], label: [0, 1] } });
    await deployment.monitor({ name: `sound-${deployment.monitorName}` });
    const { rows, labels } = week();
    await deployment.log.seal(...rows, nextMonday());
    const position = await deployment.log.recordLabels(...labels);
    const reason = await deliveries.reasonOf(position);
    expect(reason).toContain(`Monitor ${deployment.monitorName} can not be measured`);
    expect(reason).toContain('altitude');
    expect(await deployment.judged(1, `sound-${deployment.monitorName}`)).toMatchObject([{ labelled: 9 }]);
  });
});

describe('labels that can not be handled yet', () => {
  it('come again until the read model shows the segments that were sealed before them', async () => {
    const deployment = await WatchedDeployment.open(monitoring);
    const { rows, labels } = week();
    const { runner } = monitoring.running.parts.stateful!;
    await runner.stop();
    await deliveries.until(1, 'retry', async () => {
      await deployment.log.seal(...rows, nextMonday());
      await deployment.log.recordLabels(...labels);
    });
    expect(await deployment.evaluations()).toEqual([]);
    await runner.start();
    await waitUntil('the week is judged', async () => (await deployment.windows()).length === 1);
    expect(await deployment.evaluations()).toMatchObject([{ labelled: 9n }]);
  });
});
