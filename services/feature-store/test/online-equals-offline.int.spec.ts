import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrivals, FLIGHTS, LATE, startFlightsStore, type FlightsStore } from './testing/flights-store.js';

const FIRST_MS = Date.parse('2001-01-01T00:00:00Z');
const WHOLE_MS = 9 * 86_400_000;
const NAMES = ['late_share_3h', 'late_share_1h', 'flights_2d', 'miles_5h'];

/** The same view online and offline: the join that makes training sets is the oracle, which has one of its own in @cairn/tabular. */
describe('an online value', () => {
  let store: FlightsStore;
  let whole: string;
  let early: string;
  let rest: string;
  let views = 0;
  beforeAll(async () => {
    store = await startFlightsStore();
    whole = await store.addVersion(1);
    early = await store.addVersion(2, { sql: `SELECT * FROM (${FLIGHTS}) WHERE delay <= 10 ORDER BY date` });
    rest = await store.addVersion(3, { sql: `SELECT * FROM (${FLIGHTS}) WHERE delay > 10 ORDER BY date` });
  });
  afterAll(() => store.close());

  /** The moment of what is online never goes back, so that whoever begins anew needs a view of its own; the service has its name. */
  async function define(changes: object = {}): Promise<string> {
    const name = `view-${views++}`;
    const more = [
      { name: 'flights_2d', kind: 'window', expression: 'delay', aggregation: 'count', window_seconds: 172_800 },
      { name: 'miles_5h', kind: 'window', expression: 'distance / 7.0', aggregation: 'sum', window_seconds: 18_000, default_value: -1 },
    ];
    await store.post('/features/v1/feature-views', { ...arrivals, name, features: [...arrivals.features, ...more], ...changes });
    await store.post('/features/v1/feature-services', { name, features: NAMES.map((feature) => ({ view: name, feature, join_columns: ['destination'] })) });
    return name;
  }

  async function materialise(view: string, until: string, versions: readonly string[]): Promise<void> {
    const { status } = await store.post(`/features/v1/feature-views/${view}/materialize`, { until, dataset_version_ids: versions });
    expect(status).toBe(200);
  }

  /** What a training set would hold for each airport at the moment. */
  async function offline(service: string, moment: string, versions: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    const [own, ...history] = versions;
    const { body } = await store.post('/features/v1/historical', {
      feature_service: service, dataset_version_id: own, history_version_ids: history, prediction_time: `make_timestamp(${Date.parse(moment)}000)`,
      from: moment, to: new Date(Date.parse(moment) + 1).toISOString(), carry: [{ name: 'airport', expression: 'destination' }],
    });
    const { objectStore, tabular } = store.running.parts;
    const tables = { joined: await objectStore.localPath(body.digest as `sha256:${string}`) };
    const rows = await tabular.query(`SELECT DISTINCT airport, ${NAMES.join(', ')} FROM joined`, [], { tables });
    return new Map(rows.map(({ airport, ...values }) => [String(airport), values]));
  }

  async function online(service: string, airports: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    const { body } = await store.post('/get-online-features', { feature_service: service, entities: { destination: airports } });
    const valuesOf = (row: number) => Object.fromEntries(NAMES.map((name, index) => [name, body.results[index + 1].values[row]]));
    return new Map(airports.map((airport, row) => [airport, valuesOf(row)]));
  }

  it('is what a training set would hold for the same moment, whichever versions feed it', async () => {
    const moments = fc.uniqueArray(fc.integer({ min: 12 * 3_600_000, max: WHOLE_MS }), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(moments, fc.constantFrom([whole], [early, rest], [early], [whole, early]), async (offsets, versions) => {
        const view = await define();
        for (const offset of offsets.sort((a, b) => a - b)) {
          const until = new Date(FIRST_MS + offset).toISOString();
          await materialise(view, until, versions);
          const expected = await offline(view, until, versions);
          expect(expected.size).toBe(3);
          expect(await online(view, [...expected.keys()])).toEqual(expected);
        }
      }),
      { numRuns: 5 },
    );
  });

  it('counts a row after the moment at which it is known, and not at it', async () => {
    const row = "TIMESTAMP '2001-01-01' AS date, CAST(60 AS BIGINT) AS delay, CAST(450 AS BIGINT) AS distance, 'ATL' AS origin, 'ORD' AS destination";
    const one = await store.addVersion(4, { sql: `SELECT ${row}` });
    const view = await define({ features: [{ name: 'late_share_3h', kind: 'window', expression: LATE, aggregation: 'avg', window_seconds: 10_800, default_value: 0.2 }] });
    const share = async (until: string) => {
      const { status } = await store.post(`/features/v1/feature-views/${view}/materialize`, { until, dataset_version_ids: [one] });
      const { body } = await store.post('/get-online-features', { features: [`${view}:late_share_3h`], entities: { destination: ['ORD'] } });
      return [status, body.results[1].values[0], body.results[1].statuses[0]];
    };
    // Eight seconds a mile: it landed at one o'clock.
    expect(await share('2001-01-01T01:00:00.000Z')).toEqual([422, null, 'NOT_FOUND']);
    expect(await share('2001-01-01T01:00:00.001Z')).toEqual([200, 1, 'PRESENT']);
    expect(await share('2001-01-01T04:00:00.000Z')).toEqual([200, 1, 'PRESENT']);
    // Known longer ago than the window is long: the default, as in a training set, and not unknown.
    expect(await share('2001-01-01T04:00:00.001Z')).toEqual([200, 0.2, 'PRESENT']);
  });
});
