import { encodeEvent, type catalog, type EventOf, type registry } from '@cairn/contracts';
import { PostgresEventStore, type EventStore } from '@cairn/event-store';
import { newId, streamName } from '@cairn/kernel';
import { openObjectStore, type Digest, type ObjectStore } from '@cairn/object-store';
import { createDatabase, startTestNats, tempDir, waitUntil, type TestDatabase } from '@cairn/testing';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COLUMNS, delayGolden, delayModel } from './delay-model.js';
import { replicaProcess, serviceProcesses, type Infrastructure, type ServiceProcess } from './service-processes.js';

type Json = Record<string, unknown>;
type Fact = EventOf<catalog.DatasetVersionRegistered | catalog.DatasetVersionCertified | registry.ModelVersionCreated | registry.VersionPromoted>;

const AIRPORTS = ['ATL', 'ORD', 'SFO'];
const FLIGHTS = 300;
const DEPLOYMENT = '/serving/v1/deployments/delays';

/** Answers of V2, as far as this spec looks at them. */
interface Answer {
  readonly status: number;
  readonly error: string | undefined;
  readonly parameters: Json;
  readonly delays: readonly number[];
}

/** Serving, the feature store and the gateway between them, each a process of its own. */
describe('a request that names entities', () => {
  let database: TestDatabase;
  let nats: Awaited<ReturnType<typeof startTestNats>>;
  let services: ReadonlyMap<string, ServiceProcess> = new Map();
  let replica: ServiceProcess | undefined;
  let infrastructure: Infrastructure;
  let store: EventStore;
  let objects: ObjectStore;

  beforeAll(async () => {
    [database, nats] = await Promise.all([createDatabase(), startTestNats()]);
    const dataDir = tempDir('features');
    infrastructure = { databaseUrl: database.url, natsUrl: nats.url, dataDir, env: { CAIRN_SERVING_FEATURE_TIMEOUT_MS: '20000' } };
    services = await serviceProcesses(infrastructure);
    [store, objects] = await Promise.all([PostgresEventStore.open({ url: database.url }), openObjectStore(`file://${dataDir}/objects`)]);
    await Promise.all(['gateway', 'feature-store', 'serving'].map((name) => serviceOf(name).start()));
    await addFlights();
    await defineFeatures();
    await materialise('2001-01-02T00:00:00Z');
    await deploy(await addModel());
    await ok('PUT', `${DEPLOYMENT}/features`, { feature_service: 'delays' });
  }, 240_000);

  afterAll(async () => {
    await Promise.all([...services.values(), ...(replica === undefined ? [] : [replica])].map((service) => service.kill()));
    await store.close();
    await objects.close();
    await nats.stop();
    await database.drop();
  });

  function serviceOf(name: string): ServiceProcess {
    const found = services.get(name);
    if (found === undefined) throw new TypeError(`there is no ${name}`);
    return found;
  }

  async function ask(method: string, path: string, body?: object, url = serviceOf('gateway').url): Promise<{ readonly status: number; readonly body: Json }> {
    const content = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, { method, ...content });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
  }

  async function ok(method: string, path: string, body?: object): Promise<Json> {
    const answer = await ask(method, path, body);
    expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer.body;
  }

  async function record(stream: string, ...facts: readonly Fact[]): Promise<void> {
    const meta = { source: '/a-spec', workspace: 'default', actor: { principal: 'local' }, correlationId: newId() };
    await store.append([{ stream, expected: 'any', events: facts.map((fact) => ({ id: newId(), type: fact.type, data: encodeEvent(fact), meta })) }]);
  }

  /** What the catalog would have said of flights, one every ten minutes. */
  async function addFlights(): Promise<void> {
    const rows = Array.from({ length: FLIGHTS }, (_, index) => index);
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'date', data: rows.map((index) => new Date(Date.UTC(2001, 0, 1, 0, 10 * index))), type: 'TIMESTAMP' },
        { name: 'delay', data: rows.map((index) => ((index * 7_919) % 41) - 20), type: 'INT32' },
        { name: 'airport', data: rows.map((index) => AIRPORTS[index % 3] ?? ''), type: 'STRING' },
        { name: 'distance', data: rows.map((index) => 100 + index), type: 'INT32' },
      ],
    });
    const { digest, sizeBytes } = await objects.put(new Uint8Array(file));
    const versionId = newId();
    const data = {
      versionId, digest, version: 1, datasetId: newId(), datasetName: 'flights', format: 'parquet', origin: 'a spec', profileDigest: '',
      columns: [], derivedFrom: [], sizeBytes: BigInt(sizeBytes), rowCount: BigInt(FLIGHTS),
    };
    const certified = { versionId, level: 'golden', contractId: newId(), contractVersion: '1.0.0', comment: '' };
    await record(
      streamName('dataset-version', versionId),
      { type: 'cairn.catalog.v1.DatasetVersionRegistered', data },
      { type: 'cairn.catalog.v1.DatasetVersionCertified', data: certified },
    );
  }

  async function defineFeatures(): Promise<void> {
    const view = { dataset_name: 'flights', event_time: 'date', known_time: 'date' };
    const delay = { name: 'mean_delay', kind: 'window', expression: 'delay', aggregation: 'avg', window_seconds: 10_800, default_value: 3 };
    await ok('POST', '/features/v1/feature-views', { ...view, name: 'airport', entity_columns: ['airport'], features: [delay] });
    const miles = { name: 'miles', kind: 'row', expression: 'distance', known_time: 'date - INTERVAL 1 DAY' };
    await ok('POST', '/features/v1/feature-views', { ...view, name: 'flight', entity_columns: [], features: [miles] });
    await ok('POST', '/features/v1/feature-services', {
      name: 'delays',
      features: [
        { view: 'airport', feature: 'mean_delay', column: 'destination_delay', join_columns: ['destination'] },
        { view: 'airport', feature: 'mean_delay', column: 'origin_delay', join_columns: ['origin'] },
        { view: 'flight', feature: 'miles' },
      ],
    });
  }

  const materialise = (until: string) => ok('POST', '/materialize', { end_ts: until, feature_views: ['airport'] });

  /** What the registry would have said of a model. */
  async function addModel(): Promise<string> {
    const versionId = newId();
    const [model, golden] = await Promise.all([objects.put(delayModel()), objects.put(delayGolden())]);
    const tensor = (name: string, width: bigint, columns: readonly string[]) => ({ name, datatype: 'FP32', shape: [-1n, width], columns: [...columns] });
    const data = {
      versionId, modelId: newId(), modelName: 'delay', version: 1, runId: 'run', source: 'model.onnx', digest: model.digest, sizeBytes: BigInt(model.sizeBytes),
      signature: { inputs: [tensor('features', 3n, COLUMNS)], outputs: [tensor('delay', 1n, [])] },
      trainingSetId: '', goldenDigest: golden.digest, description: '', tags: [], storageLocation: '', copiedFromVersionId: '', loggedModelId: '', runLink: '',
    };
    await record(
      streamName('model-version', versionId),
      { type: 'cairn.registry.v1.ModelVersionCreated', data },
      { type: 'cairn.registry.v1.VersionPromoted', data: { versionId, alias: 'champion' } },
    );
    return versionId;
  }

  async function deploy(versionId: string): Promise<void> {
    await ok('POST', '/serving/v1/deployments', { name: 'delays', model_name: 'delay', fallback_value: 0, replicas: 1 });
    await waitUntil('the rollout starts', async () => (await ask('POST', `${DEPLOYMENT}/rollouts`, { version_id: versionId })).status === 201);
    await waitUntil('a replica is ready', async () => (await ask('GET', '/v2/models/delays/versions/1/ready')).status === 200);
  }

  async function infer(inputs: readonly object[], more: object = {}, path = 'delays/versions/1'): Promise<Answer> {
    const { status, body } = await ask('POST', `/v2/models/${path}/infer`, { inputs, ...more });
    const [output] = (body['outputs'] ?? []) as { data: number[] }[];
    return { status, error: body['error'] as string | undefined, parameters: (body['parameters'] ?? {}) as Json, delays: output?.data ?? [] };
  }

  const texts = (name: string, data: readonly string[]) => ({ name, datatype: 'BYTES', shape: [data.length], data });
  const byKeys = (origins: readonly string[], destinations: readonly string[], more: object = {}) =>
    infer([texts('origin', origins), texts('destination', destinations), { name: 'miles', datatype: 'INT32', shape: [origins.length], data: origins.map(() => 700) }], more);
  const byValues = (rows: readonly (readonly number[])[]) => infer([{ name: 'features', datatype: 'FP32', shape: [rows.length, 3], data: rows }]);

  /** Mean delay of each airport, as it is online now. */
  async function online(airports: readonly string[]): Promise<readonly number[]> {
    const { results } = (await ok('POST', '/get-online-features', { features: ['airport:mean_delay'], entities: { airport: airports } })) as { results: { values: number[] }[] };
    return results[1]?.values ?? [];
  }

  async function logRows(): Promise<readonly Json[]> {
    await ok('POST', `${DEPLOYMENT}/seal`);
    const { items } = (await ok('GET', `${DEPLOYMENT}/segments`)) as { items: { digest: Digest }[] };
    const rows: Json[] = [];
    for (const { digest } of items) {
      const bytes = await objects.read(digest, { maxBytes: 10_000_000 });
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
      rows.push(...((await parquetReadObjects({ file })) as Json[]));
    }
    return rows;
  }

  it('is answered as one with the values, and says which they were and of when', async () => {
    const [origins, destinations] = [['ATL', 'ORD', 'SFO', 'ATL'], ['ORD', 'ATL', 'SFO', 'ATL']];
    const [from, to] = [await online(origins), await online(destinations)];
    const answered = await byKeys(origins, destinations);
    expect(answered).toMatchObject({ status: 200, parameters: { feature_service: 'delays', feature_service_version: 1, feature_time: '2001-01-02T00:00:00.000Z' } });
    const given = await byValues(origins.map((_, row) => [from[row] ?? 0, 700, to[row] ?? 0]));
    expect(given.status).toBe(200);
    expect(given.parameters).not.toHaveProperty('feature_service');
    expect(answered.delays).toEqual(given.delays);
    expect(new Set(answered.delays).size).toBeGreaterThan(1);
  });

  it('leaves in the log what was used, also when other values are online a moment later', async () => {
    const before = await online(['ATL', 'SFO']);
    const first = await byKeys(['ATL'], ['SFO']);
    await materialise('2001-01-02T09:00:00Z');
    const after = await online(['ATL', 'SFO']);
    expect(after).not.toEqual(before);
    const second = await byKeys(['ATL'], ['SFO']);
    expect(second.delays).not.toEqual(first.delays);
    const rows = await logRows();
    for (const [{ parameters, delays }, [atl, sfo], time] of [[first, before, '2001-01-02T00'], [second, after, '2001-01-02T09']] as const) {
      const row = rows.find((logged) => logged['prediction_id'] === `${String(parameters['inference_id'])}:0`);
      expect(row).toMatchObject({ origin_delay: Math.fround(atl ?? 0), destination_delay: Math.fround(sfo ?? 0), miles: 700, prediction: delays[0] });
      expect(row?.['feature_versions']).toMatch(new RegExp(`^delays@v1 ${time}`));
    }
  });

  it('is filled for a version that is only compared, whose rows are in the log like those of the answer', async () => {
    const [ord] = await online(['ORD']);
    const miles = { name: 'miles', datatype: 'FP64', shape: [1, 1], data: [700] };
    const { status, parameters, delays } = await infer([texts('origin', ['ORD']), texts('destination', ['ORD']), miles], {}, 'delays');
    expect({ status, arm: parameters['arm'], delays }).toEqual({ status: 200, arm: 'fallback', delays: [0] });
    const used = { prediction_id: `${String(parameters['inference_id'])}:0`, origin_delay: Math.fround(ord ?? 0), destination_delay: Math.fround(ord ?? 0), miles: 700 };
    await waitUntil('both are in the log', async () => {
      const rows = (await logRows()).filter((row) => row['prediction_id'] === used.prediction_id);
      expect(rows.map((row) => row['arm']).sort()).toEqual(['fallback', 'shadow']);
      for (const row of rows) expect(row).toMatchObject({ ...used, feature_versions: expect.stringMatching(/^delays@v1 2001/) });
      return true;
    });
  });

  it('has the answer to its own keys, however many are asked at once', async () => {
    const means = await online(AIRPORTS);
    const expected = (origin: number, destination: number) => (means[origin] ?? 0) + 0.7 - 0.5 * (means[destination] ?? 0);
    const pairs = Array.from({ length: 60 }, (_, index) => [index % 3, Math.floor(index / 3) % 3] as const);
    const answers = await Promise.all(pairs.map(([origin, destination]) => byKeys([AIRPORTS[origin] ?? ''], [AIRPORTS[destination] ?? ''])));
    for (const [index, { delays }] of answers.entries()) expect(delays[0]).toBeCloseTo(expected(...(pairs[index] ?? [0, 0])), 3);
  });

  it('is answered by a replica that has neither a database nor a framework as by the service', async () => {
    replica = await replicaProcess(infrastructure, serviceOf('gateway').url, 'replica-1');
    await replica.start();
    const { url } = replica;
    await waitUntil('the replica has the version', async () => (await ask('GET', '/v2/models/delays/versions/1/ready', undefined, url)).status === 200);
    const inputs = [texts('origin', ['ATL']), texts('destination', ['SFO']), { name: 'miles', datatype: 'FP32', shape: [1], data: [700] }];
    const { status, body } = await ask('POST', '/v2/models/delays/versions/1/infer', { inputs }, url);
    expect({ status, body }).toMatchObject({ status: 200, body: { parameters: { feature_service: 'delays', feature_service_version: 1 } } });
    expect(body['outputs']).toMatchObject([{ data: (await byKeys(['ATL'], ['SFO'])).delays }]);
    await replica.stop();
    replica = undefined;
  }, 120_000);

  it('is refused when an entity is not known, unless the deployment has a default for it', async () => {
    const unknown = await byKeys(['ATL', 'JFK'], ['SFO', 'SFO']);
    expect(unknown).toMatchObject({ status: 400, error: expect.stringMatching(/row 1 .*origin 'JFK'/) });
    expect(await ask('PUT', `${DEPLOYMENT}/features`, { feature_service: 'delays', defaults: [{ column: 'miles', value: 1 }] })).toMatchObject({ status: 400 });
    await ok('PUT', `${DEPLOYMENT}/features`, { feature_service: 'delays', defaults: [{ column: 'origin_delay', value: 3 }] });
    const [sfo] = await online(['SFO']);
    expect((await byKeys(['JFK'], ['SFO'])).delays).toEqual((await byValues([[3, 700, sfo ?? 0]])).delays);
    expect((await byKeys(['JFK'], ['JFK'])).error).toMatch(/destination 'JFK'/);
    await ok('PUT', `${DEPLOYMENT}/features`, { feature_service: 'delays' });
  });

  it('is refused when it lacks an entity or a column, is about another moment, or names what nobody looks up', async () => {
    const keys = [texts('origin', ['ATL']), texts('destination', ['SFO'])];
    expect(await infer([texts('origin', ['ATL'])])).toMatchObject({ status: 400, error: expect.stringMatching(/'destination' is missing/) });
    expect(await infer(keys)).toMatchObject({ status: 400, error: expect.stringMatching(/column 'miles' of input 'features' is not looked up/) });
    const miles = { name: 'miles', datatype: 'FP32', shape: [1], data: [700] };
    expect(await infer([...keys, miles, { ...miles, name: 'yards' }])).toMatchObject({ status: 400, error: expect.stringMatching(/unexpected inference input 'yards'/) });
    expect(await byKeys(['ATL'], ['SFO'], { parameters: { event_time: '2001-01-01T12:00:00Z' } })).toMatchObject({ status: 400, error: expect.stringMatching(/another moment/) });
    expect(await ask('PUT', `${DEPLOYMENT}/features`, { feature_service: 'nobody' })).toMatchObject({ status: 404, body: { code: 'FEATURE_SERVICE_NOT_FOUND' } });
  });

  it('waits for the feature store no longer than it has to, and one with values does not need it', async () => {
    await serviceOf('feature-store').kill();
    expect(await byKeys(['ATL'], ['SFO'])).toMatchObject({ status: 503, error: expect.stringMatching(/features can’t be looked up/) });
    expect((await byValues([[1, 2, 3]])).status).toBe(200);
    expect(await ask('PUT', `${DEPLOYMENT}/features`, { feature_service: 'delays' })).toMatchObject({ status: 503, body: { code: 'FEATURE_STORE_AWAY' } });
    await serviceOf('feature-store').start();
    await waitUntil('features are looked up again', async () => (await byKeys(['ATL'], ['SFO'])).status === 200);
  }, 120_000);

  it('is in force after a restart, until it is ended', async () => {
    await serviceOf('serving').kill();
    await serviceOf('serving').start();
    await waitUntil('features are looked up again', async () => (await byKeys(['ATL'], ['SFO'])).status === 200);
    expect(await ok('GET', `${DEPLOYMENT}/features`)).toMatchObject({ feature_service: 'delays', version: 1, entities: ['destination', 'origin'] });
    await ok('DELETE', `${DEPLOYMENT}/features`);
    expect((await ask('GET', `${DEPLOYMENT}/features`)).status).toBe(404);
    expect((await byKeys(['ATL'], ['SFO'])).status).toBe(400);
  }, 120_000);
});
