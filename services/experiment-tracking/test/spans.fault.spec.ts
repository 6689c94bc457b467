import { fromBinary } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import { EventStoreError, PostgresEventStore, type EventStore } from '@cairn/event-store';
import { ObjectStoreError, openObjectStore, type Digest, type ObjectStore } from '@cairn/object-store';
import { createDatabase, startTestService, tempDir, waitUntil, type TestDatabase, type TestService } from '@cairn/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { service } from '../src/app.module.js';
import { exportOf, newTrace, sendExport, span, type TraceIds } from './support/traces.js';
import { startTrackingProcess, type TrackingProcess } from './support/tracking-process.js';

interface Answer {
  readonly trace?: { readonly spans?: readonly unknown[] };
  readonly experiment_id?: string;
  readonly items?: readonly { readonly digest: string }[];
}

const json = async (url: string, method = 'GET', body?: object) => {
  const response = await fetch(url, { method, ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as Answer };
};
const newExperiment = async (url: string): Promise<string> => (await json(`${url}/api/2.0/mlflow/experiments/create`, 'POST', { name: 'e' })).body.experiment_id ?? '';
const spansOf = async (url: string, { traceId }: TraceIds) => (await json(`${url}/api/3.0/mlflow/traces/get?trace_id=${traceId}`)).body.trace?.spans?.length;

describe('the service is killed while spans come', () => {
  let database: TestDatabase;
  let dataDir: string;
  let running: TrackingProcess;
  beforeEach(async () => {
    database = await createDatabase();
    dataDir = tempDir('killed');
    running = await startTrackingProcess(database, dataDir);
  });
  afterEach(async () => {
    await running.kill();
    await database.drop();
  });

  it('after the acknowledgement: every span is there when it comes back', async () => {
    const experiment = await newExperiment(running.url);
    const all = Array.from({ length: 20 }, () => newTrace());
    const acknowledged = await Promise.all(all.map((ids) => sendExport(running.url, exportOf(span(ids), span(ids)), { 'x-mlflow-experiment-id': experiment })));
    await running.kill();
    expect(acknowledged.map(({ status }) => status)).toEqual(all.map(() => 200));
    running = await startTrackingProcess(database, dataDir);
    for (const ids of all) expect(await spansOf(running.url, ids)).toBe(2);
  });

  it('before the acknowledgement: nothing of it is there, and the same export is taken again', async () => {
    const experiment = await newExperiment(running.url);
    const ids = newTrace();
    const blocker = new Client({ connectionString: database.url });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE tracking.span_chunk IN EXCLUSIVE MODE');
    const refused = sendExport(running.url, exportOf(span(ids)), { 'x-mlflow-experiment-id': experiment }).then(({ status }) => status, () => 'broken off');
    await waitUntil('the export waits for the table', async () => {
      const { rows } = await blocker.query(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'tracking.span_chunk'::regclass`);
      return rows.length > 0;
    });
    await running.kill();
    expect(await refused).toBe('broken off');
    // The database goes on for a client that is gone until it notices; its connection ends with it.
    await blocker.query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted AND relation = 'tracking.span_chunk'::regclass`);
    await blocker.query('ROLLBACK');
    await blocker.end();
    running = await startTrackingProcess(database, dataDir);
    expect((await json(`${running.url}/api/3.0/mlflow/traces/${ids.traceId}`)).status).toBe(404);
    expect((await sendExport(running.url, exportOf(span(ids)), { 'x-mlflow-experiment-id': experiment })).status).toBe(200);
    expect(await spansOf(running.url, ids)).toBe(1);
  });
});

describe('a segment is sealed while something fails', () => {
  let database: TestDatabase;
  let store: EventStore;
  let objects: ObjectStore;
  let tracking: TestService;
  beforeEach(async () => {
    database = await createDatabase();
    store = await PostgresEventStore.open({ url: database.url });
    objects = await openObjectStore(`file://${tempDir('objects')}`);
  });
  afterEach(async () => {
    await tracking.close();
    await store.close();
    await objects.close();
    await database.drop();
  });

  /** The real parts, with one method that fails as the real one would. */
  const start = async (faulty: { append?: EventStore['append']; put?: ObjectStore['put'] } = {}) => {
    const withFaults = <Part extends object>(part: Part, faults: Partial<Part>): Part =>
      new Proxy(part, {
        get: (target, name) => {
          const value: unknown = Reflect.get(faults, name) ?? Reflect.get(target, name);
          return typeof value === 'function' && !Object.hasOwn(faults, name) ? value.bind(target) : value;
        },
      });
    tracking = await startTestService(service, {
      database,
      shared: { store: withFaults(store, faulty.append ? { append: faulty.append } : {}), objectStore: withFaults(objects, faulty.put ? { put: faulty.put } : {}) },
    });
  };
  const seal = (experiment: string) => json(`${tracking.url}/tracking/v1/experiments/${experiment}/span-segments`, 'POST');
  const isSeal = (appends: Parameters<EventStore['append']>[0]) => appends.some(({ events }) => events.some(({ type }) => type.endsWith('SpanSegmentSealed')));

  async function isSealedOnce(experiment: string, all: readonly TraceIds[]) {
    const { events } = await store.readAll(0n, { filter: { types: ['cairn.tracking.v1.SpanSegmentSealed'] } });
    const digests = events.map(({ data }) => data['digest'] as Digest);
    const files = await Promise.all(digests.map((digest) => objects.read(digest, { maxBytes: 10_000_000 })));
    const sealed = files.flatMap((file) => fromBinary(otlp.TracesDataSchema, file).resourceSpans).flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
    expect(sealed.map(({ spanId }) => Buffer.from(spanId).toString('hex')).sort()).toEqual([...new Set(sealed.map(({ spanId }) => Buffer.from(spanId).toString('hex')))].sort());
    expect(sealed).toHaveLength(all.length);
    const listed = (await json(`${tracking.url}/tracking/v1/experiments/${experiment}/span-segments`)).body.items ?? [];
    expect(listed.map(({ digest }) => digest)).toEqual(digests);
    for (const ids of all) expect(await spansOf(tracking.url, ids)).toBe(1);
    expect(await tracking.fetchJson('POST', '/tracking/v1/admin/rebuild', { swap: false })).toMatchObject({ body: { identical: true } });
  }

  const sendSome = async (experiment: string, count: number): Promise<TraceIds[]> => {
    const all = Array.from({ length: count }, () => newTrace());
    for (const ids of all) await sendExport(tracking.url, exportOf(span(ids)), { 'x-mlflow-experiment-id': experiment });
    return all;
  };

  it('not stored: the object store is away', async () => {
    let away = true;
    await start({ put: async (...args) => (away ? Promise.reject(new ObjectStoreError('UNAVAILABLE', 'away')) : objects.put(...args)) });
    const experiment = await newExperiment(tracking.url);
    const all = await sendSome(experiment, 3);
    expect((await seal(experiment)).status).toBe(503);
    for (const ids of all) expect(await spansOf(tracking.url, ids)).toBe(1);
    const later = await sendSome(experiment, 2);
    away = false;
    expect((await seal(experiment)).status).toBe(200);
    await isSealedOnce(experiment, [...all, ...later]);
  });

  it('stored: the append fails although the event is in the log, and the service ends before it knows', async () => {
    let failures = 0;
    await start({
      append: async (appends) => {
        const results = await store.append(appends);
        if (isSeal(appends) && ++failures === 1) throw new EventStoreError('UNAVAILABLE', 'the answer was lost');
        return results;
      },
    });
    const experiment = await newExperiment(tracking.url);
    const all = await sendSome(experiment, 3);
    expect((await seal(experiment)).status).toBe(503);
    await tracking.close();
    await start();
    expect((await seal(experiment)).status).toBe(200);
    await isSealedOnce(experiment, all);
  });
});
