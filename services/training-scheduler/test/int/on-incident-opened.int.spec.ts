import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@cairn/kernel';
import { EVENTS_STREAM, NatsLink, Relay, soleHolder } from '@cairn/messaging';
import { Deliveries, startTestNats, startTestService, tempDir, waitUntil, type TestService } from '@cairn/testing';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { SchedulerLog } from '../support/scheduler-log.js';

const POLICY = {
  type: 'cairn.monitoring.v1.IncidentOpened',
  handler: 'on-incident-opened',
  durable: 'training-scheduler_on-incident-opened_monitoring-IncidentOpened',
};

let nats: Awaited<ReturnType<typeof startTestNats>>;
let scheduler: TestService;
let log: SchedulerLog;
let deliveries: Deliveries;

/** The program reports what its environment says about the incident. */
function programs(): Readonly<Record<string, string>> {
  const folder = tempDir('programs');
  writeFileSync(join(folder, 'report.mjs'), `import { writeFileSync } from 'node:fs';
    const { INCIDENT_ID, INCIDENT_WINDOW_START, INCIDENT_WINDOW_END, CAIRN_TRIGGERED_BY, CAIRN_ON_BEHALF_OF } = process.env;
    const outputs = { INCIDENT_ID, INCIDENT_WINDOW_START, INCIDENT_WINDOW_END, CAIRN_TRIGGERED_BY, CAIRN_ON_BEHALF_OF };
    writeFileSync(process.env.CAIRN_JOB_OUTPUT, JSON.stringify(outputs));`);
  writeFileSync(join(folder, 'programs.json'), JSON.stringify({ report: 'report.mjs' }));
  return { CAIRN_SCHEDULER_PROGRAMS: join(folder, 'programs.json') };
}

async function declare(name: string, monitor: string, workspace = 'default'): Promise<string> {
  const body = { name, on: 'incident-opened', monitor, job: { name: 'train', program: 'report' } };
  const answer = await scheduler.fetchJson('POST', '/scheduler/v1/triggers', body, { 'x-cairn-workspace': workspace });
  expect(answer.status).toBe(201);
  return answer.body.trigger_id;
}

const jobsOf = async (incidentId: string) => (await log.reactionsTo(incidentId)).submitted;
const firstJobOf = (incidentId: string) => waitUntil('the incident has a job', async () => (await jobsOf(incidentId))[0]);
/** Of those in the log: the read model may not show the newest one yet. */
const everyJobEnded = () =>
  waitUntil('every job has ended', async () => {
    const submitted = (await log.recorded()).filter(({ type }) => type === 'cairn.scheduler.v1.JobSubmitted');
    const { body } = await scheduler.fetchJson('GET', '/scheduler/v1/jobs?limit=1000');
    const ended = body.items.filter(({ status }: { status: string }) => !['queued', 'running'].includes(status));
    return ended.length === submitted.length;
  });

beforeAll(async () => {
  nats = await startTestNats();
  scheduler = await startTestService(service, { nats: nats.url, settings: programs() });
  log = new SchedulerLog(scheduler.store);
  deliveries = new Deliveries(scheduler, nats.url, POLICY);
});

afterAll(async () => {
  await scheduler.close();
  await nats.stop();
});

describe('an incident of a watched monitor', () => {
  let triggerId: string;
  let monitorName: string;

  beforeEach(async () => {
    monitorName = `late-${newId()}`;
    triggerId = await declare(`retrain-${monitorName}`, monitorName);
  });

  it('makes one job of the trigger, and the job learns what it reacts to', async () => {
    const { incidentId } = await log.openIncident({ monitorName });
    const { jobId } = await firstJobOf(incidentId);
    await everyJobEnded();
    expect((await scheduler.fetchJson('GET', `/scheduler/v1/jobs/${jobId}`)).body).toMatchObject({
      status: 'succeeded', name: 'train', trigger_id: triggerId, triggered_by: incidentId, submitted_by: 'ana',
      outputs: {
        INCIDENT_ID: incidentId, INCIDENT_WINDOW_START: '2001-04-02T00:00:00Z', INCIDENT_WINDOW_END: '2001-04-09T00:00:00Z',
        CAIRN_TRIGGERED_BY: incidentId, CAIRN_ON_BEHALF_OF: 'ana',
      },
    });
    const { submitted, fired } = await log.reactionsTo(incidentId);
    expect(submitted).toHaveLength(1);
    expect(fired).toMatchObject([{ triggerId, jobId, incidentId }]);
    const { body } = await scheduler.fetchJson('GET', '/scheduler/v1/triggers');
    expect(body.items).toContainEqual(expect.objectContaining({ trigger_id: triggerId, fired: 1 }));
  });

  it('makes a job for each trigger that watches the monitor', async () => {
    const second = await declare(`report-${monitorName}`, monitorName);
    const { incidentId } = await deliveries.until(1, 'ack', () => log.openIncident({ monitorName }));
    expect((await jobsOf(incidentId)).map((job) => job.triggerId).sort()).toEqual([triggerId, second].sort());
  });

  it('makes no second job when it is delivered again', async () => {
    const { incidentId } = await deliveries.until(1, 'ack', () => log.openIncident({ monitorName }));
    const before = await log.recorded();
    await deliveries.again();
    expect(await log.recorded()).toEqual(before);
    expect(await jobsOf(incidentId)).toHaveLength(1);
  });

  it('makes no second job when it is told twice', async () => {
    const { incidentId } = await deliveries.until(1, 'ack', () => log.openIncident({ monitorName }));
    await deliveries.until(1, 'ack', () => log.openIncident({ monitorName, incidentId }));
    const { submitted, fired } = await log.reactionsTo(incidentId);
    expect({ jobs: submitted.length, fired: fired.length }).toEqual({ jobs: 1, fired: 1 });
  });

  it('makes a job of its own beside those of earlier incidents', async () => {
    const [first, second] = await deliveries.until(2, 'ack', () => Promise.all([log.openIncident({ monitorName }), log.openIncident({ monitorName })]));
    const ids = [...(await jobsOf(first.incidentId)), ...(await jobsOf(second.incidentId))].map(({ jobId }) => jobId);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('no job is made of an incident', () => {
  it('of a monitor that no trigger watches', async () => {
    await declare('watches another', 'another');
    const { incidentId } = await deliveries.until(1, 'ack', () => log.openIncident({ monitorName: 'unwatched' }));
    expect(await log.reactionsTo(incidentId)).toEqual({ submitted: [], fired: [] });
  });

  it('of another workspace', async () => {
    await declare('ours', 'everywhere');
    const { incidentId } = await deliveries.until(1, 'ack', () => log.openIncident({ monitorName: 'everywhere' }, 'other'));
    expect(await log.reactionsTo(incidentId)).toEqual({ submitted: [], fired: [] });
  });

  it('that opened before the trigger was declared, also when the log is delivered again', async () => {
    const { incidentId } = await deliveries.until(1, 'ack', () => log.openIncident({ monitorName: 'watched too late' }));
    await declare('too late', 'watched too late');
    await deliveries.again();
    expect(await log.reactionsTo(incidentId)).toEqual({ submitted: [], fired: [] });
  });
});

describe('an incident that can not be handled yet', () => {
  it('waits until the read model shows the triggers that were declared before it', async () => {
    await everyJobEnded();
    const { runner } = scheduler.running.parts.stateful!;
    await runner.stop();
    const { incidentId } = await deliveries.until(1, 'retry', async () => {
      await log.declareTrigger('seen late', 'behind');
      return log.openIncident({ monitorName: 'behind' });
    });
    expect(await jobsOf(incidentId)).toEqual([]);
    await runner.start();
    await firstJobOf(incidentId);
    await everyJobEnded();
    expect(await jobsOf(incidentId)).toHaveLength(1);
  });
});

describe('an incident that can never be handled', () => {
  it('without an id: it is a dead letter, and the next one makes its job', async () => {
    await declare('resists', 'poisoned');
    const position = await log.append({ monitorName: 'poisoned' });
    const { incidentId } = await log.openIncident({ monitorName: 'poisoned' });
    expect(await deliveries.reasonOf(position)).toMatch(/the incident has no id/);
    await firstJobOf(incidentId);
    expect(await jobsOf('')).toEqual([]);
  });

  it('with data of another shape: the next one makes its job all the same', async () => {
    await declare('resists shapes', 'misshapen');
    await log.append({ monitorName: ['misshapen'], incidentId: 7 });
    const { incidentId } = await log.openIncident({ monitorName: 'misshapen' });
    await firstJobOf(incidentId);
  });
});

describe('a copy of an incident that was damaged on its way', () => {
  it('is a dead letter, and the next one makes its job', async () => {
    const own = await startTestNats();
    // Without a relay of its own: this spec copies the log, and damages one copy.
    const started = await startTestService(service, { nats: own.url, settings: programs(), shared: { relay: false } });
    const { logger } = started.running.parts;
    const link = new NatsLink({ url: own.url, name: 'spec', logger });
    const startRelay = () => {
      const relay = new Relay({ store: started.store, link, lease: soleHolder, logger });
      relay.start();
      return relay;
    };
    const ownLog = new SchedulerLog(started.store);
    await ownLog.declareTrigger('resists damage', 'late');
    const first = startRelay();
    await waitUntil('the trigger is copied', () => first.status.state === 'copying' && first.status.next === 1n);
    await first.stop();

    const { position } = await ownLog.openIncident();
    const { events } = await started.store.readAll(position, { limit: 1 });
    const damaged = headers();
    damaged.set('ce-id', events[0]!.id);
    damaged.set('ce-type', POLICY.type);
    const { js } = await link.use(AbortSignal.timeout(60_000));
    const copy = await js.publish('cairn.monitoring.incident.IncidentOpened', '{"incidentId":', { headers: damaged });
    expect(copy).toMatchObject({ stream: EVENTS_STREAM, seq: Number(position) + 1 });

    const second = startRelay();
    const { incidentId } = await ownLog.openIncident();
    expect(await new Deliveries(started, own.url, POLICY).reasonOf(position)).toBe('The payload of the message is not JSON.');
    await waitUntil('the next incident has a job', async () => (await ownLog.reactionsTo(incidentId)).submitted[0]);
    await second.stop();
    await started.close();
    await link.close();
    await own.stop();
  });
});
