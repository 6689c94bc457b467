import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PostgresEventStore, type EventStore } from '@cairn/event-store';
import { derivedId } from '@cairn/kernel';
import { ObjectStoreError, openObjectStore, type Digest, type ObjectStore } from '@cairn/object-store';
import { createDatabase, tempDir, waitUntil, type TestDatabase } from '@cairn/testing';
import { parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../../../test/support/serving.js';

/** Built: this specification runs the sources, its child the build. */
const PROGRAM = join(import.meta.dirname, '../../../dist/inference-log/testing/dying-recorder.js');
const PATH = '/serving/v1/deployments/delays';
const DEPLOYMENT_ID = derivedId('deployment', 'default', 'delays');

describe('a process dies', () => {
  let database: TestDatabase;
  let store: EventStore;
  let objects: ObjectStore;
  let dataDir: string;
  const running: Serving[] = [];

  beforeEach(async () => {
    database = await createDatabase();
    store = await PostgresEventStore.open({ url: database.url });
    objects = await openObjectStore(`file://${tempDir('objects')}`);
    dataDir = tempDir('data');
    await (await start()).deploy('delays', 1);
    await stop();
  });

  afterEach(async () => {
    await stop();
    await store.close();
    await objects.close();
    await database.drop();
  });

  async function start(objectStore = objects, settings = {}): Promise<Serving> {
    const serving = await startServing({ database, shared: { store, objectStore }, config: { dataDir }, settings });
    running.push(serving);
    return serving;
  }

  async function stop(): Promise<void> {
    await Promise.all(running.splice(0).map((serving) => serving.close()));
  }

  const folder = (): string => join(dataDir, 'serving', 'inference-log');

  /** Ids of requests that were answered before the process was killed. */
  async function kill(requests: number, rows: number): Promise<string[]> {
    const child = spawn(process.execPath, [PROGRAM, folder(), DEPLOYMENT_ID, String(requests), String(rows)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const output: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
    const [, signal] = await once(child, 'close');
    expect(signal).toBe('SIGKILL');
    return output.join('').trim().split('\n');
  }

  async function journals(): Promise<string[]> {
    const names = await readdir(folder(), { recursive: true });
    return names.filter((name) => name.endsWith('.journal') && !name.startsWith('lost')).map((name) => join(folder(), name));
  }

  async function events(type: string): Promise<readonly { readonly data: Readonly<Record<string, unknown>> }[]> {
    return (await store.readAll(0n, { filter: { types: [`cairn.serving.v1.${type}`] } })).events as never;
  }

  /** Prediction ids of all sealed segments. */
  async function sealed(): Promise<string[]> {
    const ids: string[] = [];
    for (const { data } of await events('InferenceSegmentSealed')) {
      const bytes = await objects.read(data['digest'] as Digest, { maxBytes: 10_000_000 });
      const rows = await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer });
      ids.push(...rows.map(({ prediction_id }) => String(prediction_id)));
    }
    return ids;
  }

  /** At the start nobody knows yet which deployments there are: 503. */
  async function seal(serving: Serving): Promise<void> {
    await waitUntil('what is there is sealed', async () => (await serving.fetchJson('POST', `${PATH}/seal`)).status === 200);
  }

  async function allSealed(serving: Serving): Promise<void> {
    await seal(serving);
    expect(await journals()).toEqual([]);
    expect((await serving.fetchJson('POST', '/serving/v1/admin/rebuild', { swap: false })).body).toMatchObject({ identical: true });
  }

  it('not sealed: the next start seals whatever was answered', async () => {
    const answered = await kill(250, 3);
    expect(answered).toHaveLength(250);
    const serving = await start();
    await allSealed(serving);
    const ids = new Set(await sealed());
    for (const id of answered) for (const row of [0, 1, 2]) expect(ids.has(`${id}:${row}`)).toBe(true);
    expect(await events('PredictionsLost')).toEqual([]);
    expect((await serving.fetchJson('GET', `${PATH}/losses`)).body).toEqual({ items: [] });
  });

  it('sealed, but the journal is still there: it is not sealed again', async () => {
    await kill(40, 1);
    const [journal = ''] = await journals();
    const kept = join(tempDir('kept'), 'copy');
    await cp(journal, kept);
    await allSealed(await start());
    const before = await sealed();
    await stop();
    await cp(kept, journal, { recursive: true });
    await allSealed(await start());
    expect(await sealed()).toEqual(before);
  });

  it('while it writes: what is whole is sealed, and what is not is counted', async () => {
    const answered = await kill(30, 2);
    const [journal = ''] = await journals();
    await truncate(journal, (await stat(journal)).size - 5);
    const serving = await start();
    await allSealed(serving);
    // Ten requests share a write.
    expect((await sealed()).map((id) => id.slice(0, 36))).toEqual(answered.slice(0, 20).flatMap((id) => [id, id]));
    const { body } = await serving.fetchJson('GET', `${PATH}/losses`);
    expect(body.items).toEqual([expect.objectContaining({ rows: 20, is_exact: true, reason: 'torn', first_time: expect.any(String) })]);
    expect(await events('PredictionsLost')).toHaveLength(1);
  });

  it('with its machine: what may be missing is said without a number', async () => {
    await kill(10, 1);
    const [journal = ''] = await journals();
    const text = await readFile(journal, 'latin1');
    await writeFile(journal, text.replace(/"bootId":"./, '"bootId":"x'), 'latin1');
    const serving = await start();
    await allSealed(serving);
    expect(await sealed()).toHaveLength(10);
    expect((await serving.fetchJson('GET', `${PATH}/losses`)).body.items).toEqual([expect.objectContaining({ rows: 0, is_exact: false, reason: 'machine_crash' })]);
  });

  it('and two start after it: each journal is sealed by one of them', async () => {
    const answered = (await Promise.all(Array.from({ length: 6 }, () => kill(20, 1)))).flat();
    const both = await Promise.all([start(), start()]);
    for (const serving of both) await seal(serving);
    await waitUntil('no journal is left', async () => (await journals()).length === 0);
    const ids = await sealed();
    expect(ids.sort()).toEqual(answered.map((id) => `${id}:0`).sort());
    expect(await events('InferenceSegmentSealed')).toHaveLength(6);
  });

  it('while the object store is away: rows wait on disk, over a stop too', async () => {
    const away = new Proxy(objects, {
      get: (target, name) => {
        if (name === 'putFile') return async () => Promise.reject(new ObjectStoreError('UNAVAILABLE', 'away'));
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const serving = await start(away, { CAIRN_SERVING_SEGMENT_ROWS: '4', CAIRN_SERVING_SPOOL_MIB: '1' });
    await waitUntil('the deployment is known', async () => (await serving.fetchJson('GET', `${PATH}/segments`)).status === 200);
    let answered = 0;
    const rows = Array.from({ length: 500 }, (_, index) => [index, 1]);
    await waitUntil('the disk’s share is full', async () => {
      const { status } = await serving.infer('delays', rows);
      if (status === 200) answered += rows.length;
      else expect(status).toBe(503);
      return status === 503;
    });
    await stop();
    await allSealed(await start());
    expect(new Set(await sealed()).size).toBe(answered);
  });

  it('does not die while the disk refuses a write: nothing is answered that can’t be kept, and nothing is lost', async () => {
    const serving = await start();
    await waitUntil('the deployment is known', async () => (await serving.infer('delays', [[1, 2]])).status === 200);
    await seal(serving);
    const before = (await sealed()).length;
    const [name = ''] = (await readdir(folder())).filter((entry) => entry.startsWith('p-') && !entry.includes('.'));
    await rm(join(folder(), name), { recursive: true });
    // Whether it can be written shows with the first write: its rows are in memory alone.
    expect((await serving.infer('delays', [[1, 2]])).status).toBe(200);
    expect(await serving.infer('delays', [[1, 2]])).toMatchObject({ status: 503 });
    await mkdir(join(folder(), name));
    await waitUntil('it answers again', async () => (await serving.infer('delays', [[3, 4]])).status === 200);
    await allSealed(serving);
    expect((await sealed()).length).toBe(before + 2);
  });

  describe('while the file of a segment can’t be written', () => {
    /** A folder has the name that the file is to get. */
    async function obstruct(serving: Serving): Promise<string> {
      await waitUntil('the deployment is known', async () => (await serving.infer('delays', [[1, 2]])).status === 200);
      await seal(serving);
      await serving.infer('delays', [[1, 2], [3, 4]]);
      const [journal = ''] = await journals();
      const path = journal.replace(/journal$/, 'parquet');
      await mkdir(path);
      return path;
    }

    it('it is written from the journal as soon as it can be', async () => {
      const serving = await start();
      const path = await obstruct(serving);
      const before = (await sealed()).length;
      const sealing = serving.fetchJson('POST', `${PATH}/seal`);
      await rm(path, { recursive: true });
      expect((await sealing).status).toBe(200);
      await allSealed(serving);
      expect((await sealed()).length).toBe(before + 2);
      expect(await events('PredictionsLost')).toEqual([]);
    });

    it('it is given up in the end, and said to be lost', async () => {
      const serving = await start();
      await obstruct(serving);
      await allSealed(serving);
      const { body } = await serving.fetchJson('GET', `${PATH}/losses`);
      expect(body.items).toEqual([expect.objectContaining({ rows: 2, is_exact: true, reason: 'unwritable' })]);
      expect(await readdir(join(folder(), 'lost'))).toHaveLength(1);
    });
  });
});
