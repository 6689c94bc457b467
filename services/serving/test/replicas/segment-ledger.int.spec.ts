import { NatsLink } from '@cairn/messaging';
import { startTestNats } from '@cairn/testing';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CommandSegmentLedger } from '../../src/inference-log/recorder/command-segment-ledger.js';
import { NatsControlPlane } from '../../src/replicas/process/nats-control-plane.js';
import { segmentLedgerContract } from '../support/segment-ledger.contract.js';
import { startServing, type Serving } from '../support/serving.js';

let nats: Awaited<ReturnType<typeof startTestNats>>;
let serving: Serving;
let link: NatsLink;

beforeAll(async () => {
  nats = await startTestNats();
  serving = await startServing({ nats: nats.url });
  link = new NatsLink({ url: nats.url, name: 'ledger', logger: pino({ level: 'silent' }) });
  await link.use(AbortSignal.timeout(90_000));
});

afterAll(async () => {
  await link.close();
  await serving.close();
  await nats.stop();
});

segmentLedgerContract('a ledger that has the log at hand', () => ({ ledger: serving.running.app.get(CommandSegmentLedger), store: serving.store }));
segmentLedgerContract('a ledger over NATS', () => ({ ledger: new NatsControlPlane(link), store: serving.store }));

it('shows a loss that a replica brought', async () => {
  const { deployment_id: deploymentId } = (await serving.fetchJson('POST', '/serving/v1/deployments', { name: 'lossy', model_name: 'm', replicas: 1 })).body;
  const loss = { lossId: deploymentId, segmentId: deploymentId, rows: 4, isExact: true, reason: 'unwritable', firstTime: '', lastTime: '' };
  await new NatsControlPlane(link).lost({ workspace: 'default', deploymentId, deploymentName: 'lossy', ...loss });
  const listed = async () => (await serving.fetchJson('GET', '/serving/v1/deployments/lossy/losses')).body.items;
  await expect.poll(listed).toMatchObject([{ rows: 4, is_exact: true, reason: 'unwritable', first_time: null, last_time: null }]);
});
