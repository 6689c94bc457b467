import { encodeEvent, type catalog, type EventOf } from '@cairn/contracts';
import { newId, streamName, type DomainEvent } from '@cairn/kernel';
import { testMeta, startTestService, type TestService, type TestServiceOptions } from '@cairn/testing';
import { service } from '../../src/app.module.js';

export const LATE = 'CASE WHEN delay > 15 THEN 1 ELSE 0 END';
export const LANDED = 'date + to_seconds(CAST(distance * 8 AS BIGINT))';
export const NOBODY = '00000000-0000-7000-8000-000000000000';

/** 1,200 flights between three airports, one every ten minutes from 1 January 2001, in the shape of the real data. Lateness comes in waves. */
export const FLIGHTS = `
  SELECT TIMESTAMP '2001-01-01' + to_minutes(10 * i) AS date,
    CAST((i * 7919) % 41 - 20 + CASE WHEN (i // 60) % 3 = 0 THEN 25 ELSE 0 END AS BIGINT) AS delay,
    CAST(100 + (i * 31) % 900 AS BIGINT) AS distance,
    ['ATL', 'ORD', 'SFO'][1 + i % 3] AS origin, ['ORD', 'SFO', 'ATL'][1 + i % 3] AS destination
  FROM range(1200) AS flights(i) ORDER BY i`;

export interface FlightsStore extends TestService {
  post(path: string, body?: object, headers?: Readonly<Record<string, string>>): ReturnType<TestService['fetchJson']>;
  get(path: string): ReturnType<TestService['fetchJson']>;
  /** Says what the catalog would say of a new version with the rows of a SELECT; answers its id. */
  addVersion(
    version: number,
    options?: { readonly sql?: string; readonly tables?: Readonly<Record<string, string>>; readonly certified?: boolean },
  ): Promise<string>;
  /** Types of the facts in a stream. */
  factsOf(trainingSetId: string): Promise<readonly string[]>;
}

type CatalogEvent = EventOf<catalog.DatasetVersionRegistered | catalog.DatasetVersionCertified | catalog.DatasetVersionQuarantined>;

/** The feature store with what it knows of the catalog: the catalog's facts stand in the log, its files in the object store. */
export async function startFlightsStore(options: TestServiceOptions = {}): Promise<FlightsStore> {
  const store = await startTestService(service, options);
  const { tabular, objectStore, stateful } = store.running.parts;
  if (stateful === undefined) throw new TypeError('the feature store has a database');
  const append = async (versionId: string, facts: readonly CatalogEvent[]): Promise<void> => {
    const { actor, workspace, correlationId } = testMeta();
    const events = facts.map((event) => ({
      id: newId(),
      type: event.type,
      data: encodeEvent(event as DomainEvent),
      meta: { source: '/data-catalog', workspace, actor, correlationId },
    }));
    await store.store.append([{ stream: streamName('dataset-version', versionId), expected: 'any', events }]);
    await stateful.runner.waitFor((await store.store.size()) - 1n);
  };
  return {
    ...store,
    get store() {
      return store.store;
    },
    post: (path, body = {}, headers = {}) => store.fetchJson('POST', path, body, headers),
    get: (path) => store.fetchJson('GET', path),
    addVersion: async (version, { sql = FLIGHTS, tables = {}, certified = true } = {}) => {
      const versionId = newId();
      const { path, rowCount } = await tabular.copyToParquet(sql, undefined, { tables });
      const { digest, sizeBytes } = await objectStore.putFile(path);
      const data = {
        versionId,
        version,
        digest,
        datasetId: NOBODY,
        datasetName: 'flights',
        format: 'parquet',
        origin: 'a spec',
        profileDigest: '',
        columns: [],
        derivedFrom: [],
        sizeBytes: BigInt(sizeBytes),
        rowCount: BigInt(rowCount),
      };
      const golden = { versionId, level: 'golden', contractId: NOBODY, contractVersion: '1.0.0', comment: '' };
      await append(versionId, [
        { type: 'cairn.catalog.v1.DatasetVersionRegistered', data },
        ...(certified ? [{ type: 'cairn.catalog.v1.DatasetVersionCertified' as const, data: golden }] : []),
      ]);
      return versionId;
    },
    factsOf: async (id) => (await store.store.readStream(streamName('training-set', id))).map(({ type }) => type.slice(type.lastIndexOf('.') + 1)),
  };
}

const share = { kind: 'window', expression: LATE, aggregation: 'avg', unit: '1', default_value: 0.2 };

export const arrivals = {
  name: 'arrivals',
  dataset_name: 'flights',
  entity_columns: ['destination'],
  event_time: 'date',
  known_time: LANDED,
  features: [
    { ...share, name: 'late_share_3h', window_seconds: 10_800 },
    { ...share, name: 'late_share_1h', window_seconds: 3_600 },
  ],
};
const scheduled = { kind: 'row', known_time: "date_trunc('day', date - INTERVAL 4 HOUR)" };
export const flight = {
  name: 'flight',
  dataset_name: 'flights',
  entity_columns: [],
  event_time: 'date',
  known_time: 'date',
  features: [
    { ...scheduled, name: 'distance', expression: 'distance' },
    { ...scheduled, name: 'hour_of_departure', expression: 'hour(date)', known_time: 'date' },
    // Says that it is known in time although it is the outcome itself.
    { ...scheduled, name: 'outcome', expression: 'delay' },
  ],
};
export const honest = [
  { view: 'arrivals', feature: 'late_share_3h', column: 'origin_late_share_3h', join_columns: ['origin'] },
  { view: 'arrivals', feature: 'late_share_3h', column: 'destination_late_share_3h', join_columns: ['destination'] },
  { view: 'flight', feature: 'distance' },
];

/** Defines the views and three services: one honest, one that looks at the hour of the actual departure, one at the outcome. */
export async function defineFeatures({ post }: FlightsStore): Promise<void> {
  for (const view of [arrivals, flight]) await post('/features/v1/feature-views', view);
  await post('/features/v1/feature-services', { name: 'delay', features: honest });
  await post('/features/v1/feature-services', { name: 'delay-with-hour', features: [...honest, { view: 'flight', feature: 'hour_of_departure' }] });
  await post('/features/v1/feature-services', { name: 'delay-with-outcome', features: [...honest, { view: 'flight', feature: 'outcome' }] });
}

export const request = (versionId: string, changes: object = {}) => ({
  name: 'q1',
  feature_service: 'delay',
  dataset_version_id: versionId,
  prediction_time: 'date - INTERVAL 30 MINUTE',
  label: LATE,
  from: '2001-01-02T00:00:00Z',
  to: '2001-01-08T00:00:00Z',
  ...changes,
});
