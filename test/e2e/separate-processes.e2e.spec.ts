import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeEvent, type EventOf, type monitoring } from '@cairn/contracts';
import { PostgresEventStore, type EventStore, type StoredEvent } from '@cairn/event-store';
import { newId, streamName } from '@cairn/kernel';
import { createDatabase, startTestNats, tempDir, waitUntil, type TestDatabase } from '@cairn/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLoad, type Creation } from './command-load.js';
import { serviceProcesses, type ServiceProcess } from './service-processes.js';

const thresholds = { feature_psi: 0.2, prediction_psi: 0.2, label_rate_change: 0.2, minimum_auc: 0.6, minimum_labels: 10, consecutive_windows: 2, window_days: 7 };
const WATCHED = 'watched';
const FLIGHTS = 'flights';
const PARQUET = 'application/vnd.apache.parquet';

/** Each needs something that another service recorded before, where there is such a thing: a stored dataset. */
const creationsWith = (digest: string): readonly Creation[] => [
  { service: 'data-catalog', path: '/catalog/v1/datasets', body: (name) => ({ name }), event: 'cairn.catalog.v1.DatasetRegistered' },
  { service: 'experiment-tracking', path: '/api/2.0/mlflow/experiments/create', body: (name) => ({ name }), event: 'cairn.tracking.v1.ExperimentCreated' },
  { service: 'model-registry', path: '/api/2.0/mlflow/registered-models/create', body: (name) => ({ name }), event: 'cairn.registry.v1.RegisteredModelCreated' },
  {
    service: 'serving',
    path: `/serving/v1/deployments/${WATCHED}/labels`,
    body: () => ({ labels: [{ prediction_id: `${newId()}:0`, label: 1, known_time: '2026-01-02T00:00:00Z' }] }),
    event: 'cairn.serving.v1.LabelsRecorded',
    identity: { field: 'batchId', of: ({ batch_id: batchId }) => String(batchId) },
  },
  {
    service: 'training-scheduler',
    path: '/scheduler/v1/triggers',
    body: (name) => ({ name, on: 'incident-opened', monitor: `nobody-${name}`, job: { name, program: 'nothing' } }),
    event: 'cairn.scheduler.v1.TriggerDeclared',
  },
  {
    service: 'feature-store',
    path: '/features/v1/feature-views',
    body: (name) => ({
      name, dataset_name: FLIGHTS, entity_columns: ['origin'], event_time: 'date', known_time: 'date',
      features: [{ name: 'mean_delay', kind: 'window', expression: 'delay', aggregation: 'avg', window_seconds: 3_600 }],
    }),
    event: 'cairn.features.v1.FeatureViewDefined',
  },
  {
    service: 'monitoring',
    path: '/monitoring/v1/monitors',
    body: (name) => ({ name, deployment: name, reference_training_set_id: newId(), reference_digest: digest, features: ['x'], thresholds }),
    event: 'cairn.monitoring.v1.MonitorDeclared',
  },
];

describe('all services as processes of their own', () => {
  let database: TestDatabase;
  let nats: Awaited<ReturnType<typeof startTestNats>>;
  let services: ReadonlyMap<string, ServiceProcess>;
  let store: EventStore;
  let creations: readonly Creation[] = [];
  let loads: CommandLoad[] = [];
  let down: string | undefined;
  const incidents: string[] = [];

  beforeAll(async () => {
    [database, nats] = await Promise.all([createDatabase(), startTestNats()]);
    const dataDir = tempDir('processes');
    writeFileSync(join(dataDir, 'nothing.mjs'), '');
    writeFileSync(join(dataDir, 'programs.json'), JSON.stringify({ nothing: 'nothing.mjs' }));
    const env = { CAIRN_SCHEDULER_PROGRAMS: join(dataDir, 'programs.json') };
    services = await serviceProcesses({ databaseUrl: database.url, natsUrl: nats.url, dataDir, env });
    await Promise.all([...services.values()].map((service) => service.start()));
    store = await PostgresEventStore.open({ url: database.url });
    await post('/scheduler/v1/triggers', { name: 'retrain', on: 'incident-opened', monitor: WATCHED, job: { name: 'retrain', program: 'nothing' } });
    await post('/serving/v1/deployments', { name: WATCHED, model_name: WATCHED });
    creations = creationsWith(await registerFlights());
    // Through the gateway, and straight to the service while there is none.
    loads = creations.map((creation) => new CommandLoad(creation, () => (down === 'gateway' ? urlOf(creation.service) : urlOf('gateway'))));
  }, 240_000);

  afterAll(async () => {
    // First of all: nothing else ends them when something below fails.
    await Promise.all([...services.values()].map((service) => service.kill()));
    await Promise.allSettled(loads.map((load) => load.stop()));
    await store.close();
    await nats.stop();
    await database.drop();
  });

  const urlOf = (name: string): string => services.get(name)?.url ?? '';

  async function post(path: string, body: object, headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' }): Promise<Record<string, unknown>> {
    const content = body instanceof ArrayBuffer ? body : JSON.stringify(body);
    const response = await fetch(`${urlOf('gateway')}${path}`, { method: 'POST', headers, body: content });
    const answer = (await response.json()) as Record<string, unknown>;
    expect(answer, path).not.toHaveProperty('code');
    return answer;
  }

  async function registerFlights(): Promise<string> {
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'date', data: [new Date('2001-01-01T00:01:00Z'), new Date('2001-01-02T00:01:00Z')], type: 'TIMESTAMP' },
        { name: 'delay', data: [4, 40], type: 'INT32' },
        { name: 'origin', data: ['LAX', 'SFO'], type: 'STRING' },
      ],
    });
    const { digest } = await post('/catalog/v1/uploads', file, { 'content-type': PARQUET });
    await post('/catalog/v1/datasets', { name: FLIGHTS });
    const { version_id: versionId } = await post(`/catalog/v1/datasets/${FLIGHTS}/versions`, { digest, origin: 'a spec' });
    expect(versionId).toBeTypeOf('string');
    return String(digest);
  }

  /** A fact that another service reacts to: it has to travel from the log over the relay and JetStream to the scheduler. */
  async function openIncident(): Promise<void> {
    const incidentId = newId();
    const data = {
      incidentId, monitorId: newId(), monitorName: WATCHED, deploymentName: WATCHED, breaches: ['auc'],
      windowStart: '2026-01-01T00:00:00Z', windowEnd: '2026-01-08T00:00:00Z', sentence: 'It got worse.',
    };
    const event: EventOf<monitoring.IncidentOpened> = { type: 'cairn.monitoring.v1.IncidentOpened', data };
    const meta = { source: '/monitoring', workspace: 'default', actor: { principal: 'monitoring' }, correlationId: newId() };
    await store.append([{ stream: streamName('incident', incidentId), expected: 'none', events: [{ id: newId(), type: event.type, data: encodeEvent(event), meta }] }]);
    incidents.push(incidentId);
  }

  async function wholeLog(): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (;;) {
      const page = await store.readAll(BigInt(events.length), { limit: 1_000 });
      events.push(...page.events);
      if (page.events.length === 0) return events;
    }
  }

  const jobsOf = async (incidentId: string): Promise<number> =>
    (await wholeLog()).filter(({ type, data }) => type === 'cairn.scheduler.v1.JobSubmitted' && data['triggeredBy'] === incidentId).length;

  it('go on, each of them, while one of them is killed and comes back', async () => {
    for (const [name, service] of services) {
      await service.kill();
      down = name;
      await openIncident();
      await Promise.all(loads.filter((_, index) => creations[index]?.service !== name).map((load) => load.progresses()));
      await service.start();
      down = undefined;
      const own = creations.findIndex((creation) => creation.service === name);
      await loads[own]?.progresses();
    }
  }, 480_000);

  it('react to every fact once, whoever was dead when it was recorded', async () => {
    for (const incident of incidents) await waitUntil('the trigger has fired', async () => (await jobsOf(incident)) > 0, 60_000);
    expect(incidents).toHaveLength(services.size);
    expect(await Promise.all(incidents.map(jobsOf))).toEqual(incidents.map(() => 1));
  }, 120_000);

  it('lost nothing that was acknowledged, and did nothing twice', async () => {
    await Promise.all(loads.map((load) => load.stop()));
    const log = await wholeLog();
    expect(log.map(({ position }) => position)).toEqual(log.map((_, index) => BigInt(index)));
    expect(new Set(log.map(({ id }) => id)).size).toBe(log.length);
    const times = (event: string, field: string, value: string): number => log.filter(({ type, data }) => type === event && data[field] === value).length;
    const acknowledged = loads.flatMap((load) => load.acknowledged);
    expect(acknowledged.filter(({ event, field, value }) => times(event, field, value) !== 1)).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(creations.length * services.size);
  });

  it('have distributed the whole log, in order, and shown it in the lineage graph', async () => {
    const connection = await connect({ servers: nats.url });
    try {
      const manager = await jetstreamManager(connection);
      await waitUntil('JetStream holds the log', async () => {
        const { state } = await manager.streams.info('CAIRN_EVENTS');
        return BigInt(state.last_seq) === (await store.size()) && state.messages === state.last_seq;
      });
    } finally {
      await connection.close();
    }
    await waitUntil('lineage has hashed the log', async () => {
      const size = (await (await fetch(`${urlOf('lineage')}/lineage/v1/log/size`)).json()) as { size: string; tree_size: string };
      return size.tree_size === size.size;
    });
  }, 60_000);

  it('end in order when they are asked to', async () => {
    const codes = await Promise.all([...services.values()].map(async (service) => [service.name, await service.stop()] as const));
    expect(codes).toEqual([...services.keys()].map((name) => [name, 0]));
  }, 60_000);
});
