import { EventStoreError, PostgresEventStore, type EventStore } from '@cairn/event-store';
import { ObjectStoreError, openObjectStore, type ObjectStore } from '@cairn/object-store';
import { createDatabase, tempDir, type TestDatabase } from '@cairn/testing';
import { parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../../../test/support/serving.js';

describe('a segment is sealed while something fails', () => {
  let database: TestDatabase;
  let store: EventStore;
  let objects: ObjectStore;
  let serving: Serving;

  beforeEach(async () => {
    database = await createDatabase();
    store = await PostgresEventStore.open({ url: database.url });
    objects = await openObjectStore(`file://${tempDir('objects')}`);
  });

  afterEach(async () => {
    await serving.close();
    await store.close();
    await objects.close();
    await database.drop();
  });

  /** The real parts, with one method that fails as the real one would. */
  const start = async (faulty: { append?: EventStore['append']; putFile?: ObjectStore['putFile'] }) => {
    const withFaults = <Part extends object>(part: Part, faults: Partial<Part>): Part =>
      new Proxy(part, { get: (target, name) => Reflect.get(faults, name) ?? bound(target, Reflect.get(target, name)) });
    serving = await startServing({
      database,
      shared: { store: withFaults(store, faulty.append ? { append: faulty.append } : {}), objectStore: withFaults(objects, faulty.putFile ? { putFile: faulty.putFile } : {}) },
    });
    await serving.deploy('delays', 1);
  };
  const bound = (target: object, value: unknown) => (typeof value === 'function' ? value.bind(target) : value);
  const isSeal = (appends: Parameters<EventStore['append']>[0]) => appends.some(({ events }) => events.some(({ type }) => type.endsWith('InferenceSegmentSealed')));

  async function isSealedOnce(rows: number) {
    const { events } = await store.readAll(0n, { filter: { types: ['cairn.serving.v1.InferenceSegmentSealed'] } });
    expect(events).toHaveLength(1);
    const bytes = await objects.read(events[0]?.data['digest'] as `sha256:${string}`, { maxBytes: 1_000_000 });
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const ids = (await parquetReadObjects({ file })).map(({ prediction_id }) => prediction_id);
    expect(new Set(ids).size).toBe(rows);
    expect((await serving.fetchJson('POST', '/serving/v1/admin/rebuild', { swap: false })).body).toMatchObject({ identical: true });
  }

  it('not stored: the object store is away twice', async () => {
    let calls = 0;
    await start({ putFile: async (path) => (++calls <= 2 ? Promise.reject(new ObjectStoreError('UNAVAILABLE', 'away')) : objects.putFile(path)) });
    await serving.infer('delays', [[1, 2], [3, 4], [5, 6]]);
    expect(await serving.fetchJson('POST', '/serving/v1/deployments/delays/seal')).toMatchObject({ status: 200, body: { items: [{ row_count: 3 }] } });
    await isSealedOnce(3);
  });

  it('not stored: the append fails and the event is not in the log', async () => {
    let failures = 0;
    await start({
      append: async (appends) => (isSeal(appends) && ++failures === 1 ? Promise.reject(new EventStoreError('UNAVAILABLE', 'away')) : store.append(appends)),
    });
    await serving.infer('delays', [[1, 2]]);
    expect(await serving.fetchJson('POST', '/serving/v1/deployments/delays/seal')).toMatchObject({ status: 200, body: { items: [{ row_count: 1 }] } });
    await isSealedOnce(1);
  });

  it('stored: the append fails although the event is in the log', async () => {
    let failures = 0;
    await start({
      append: async (appends) => {
        const results = await store.append(appends);
        if (isSeal(appends) && ++failures === 1) throw new EventStoreError('UNAVAILABLE', 'the answer was lost');
        return results;
      },
    });
    await serving.infer('delays', [[1, 2], [3, 4]]);
    expect((await serving.fetchJson('POST', '/serving/v1/deployments/delays/seal')).status).toBe(200);
    await isSealedOnce(2);
  });

  it('a stop seals what is in memory, and the next start answers with the live version', async () => {
    await start({});
    await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
    await serving.fetchJson('POST', '/serving/v1/deployments/delays/seal');
    await serving.infer('delays', [[1, 2], [3, 4]]);
    await serving.close();
    const { events } = await store.readAll(0n, { filter: { types: ['cairn.serving.v1.InferenceSegmentSealed'] } });
    expect(events.at(-1)?.data).toMatchObject({ rowCount: '2' });

    serving = await startServing({ database, shared: { store, objectStore: objects } });
    await expect.poll(async () => (await serving.fetchJson('GET', '/v2/health/ready')).status).toBe(200);
    expect((await serving.infer('delays', [[1, 2]])).body).toMatchObject({ model_version: '1', parameters: { arm: 'live' } });
    await expect.poll(async () => (await store.readAll(0n, { filter: { types: ['cairn.serving.v1.ReplicaProved'] } })).events.length).toBe(2);
  });
});
