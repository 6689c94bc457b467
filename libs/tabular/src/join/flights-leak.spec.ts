import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tabular } from '../tabular.js';
import { scratchTabular } from '../testing/scratch-tabular.js';
import type { PointInTimeJoinSpec } from './join-spec.js';

const FLIGHTS = fileURLToPath(new URL('../../../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));
/** 450 miles per hour are 8 seconds a mile. */
const LANDED = 'date + to_seconds(CAST(distance * 8 AS BIGINT))';

/** How many flights to the same airport were late within three hours: known when they have landed, not when they left. */
function lateShare(flights: string, knownTime: string): PointInTimeJoinSpec {
  const share = { kind: 'window', source: 'bound', joinColumns: ['destination'], aggregation: 'avg', windowSeconds: 10_800, defaultValue: 0.2 } as const;
  return {
    rows: { path: flights, predictionTime: 'date - INTERVAL 30 MINUTE', from: '2001-01-08T00:00:00Z', sampleEvery: 3 },
    sources: { bound: { paths: [flights], keyColumns: ['destination'], knownTime } },
    features: [{ ...share, column: 'late_share_3h', expression: 'CASE WHEN delay > 15 THEN 1 ELSE 0 END' }],
    carry: [{ column: 'label', expression: 'CASE WHEN delay > 15 THEN 1 ELSE 0 END' }],
  };
}

describe('a join by event time alone, on real flights', () => {
  let started: Awaited<ReturnType<typeof scratchTabular>>;
  let tabular: Tabular;
  let flights: string;
  beforeAll(async () => {
    started = await scratchTabular();
    tabular = started.tabular;
    const slice = `SELECT * EXCLUDE (file_row_number) FROM flights WHERE date < TIMESTAMP '2001-01-12' AND delay >= -120 ORDER BY file_row_number`;
    flights = (await tabular.copyToParquet(slice, [], { tables: { flights: FLIGHTS }, rowNumbers: true })).path;
  }, 30_000);
  afterAll(() => started.close());

  it('would have leaked: it gives values from flights still in the air, and looks better than it can be', async () => {
    const honest = (await tabular.pointInTimeJoin(lateShare(flights, LANDED))).path;
    const leaking = (await tabular.pointInTimeJoin(lateShare(flights, 'date'))).path;
    const [compared] = await tabular.query(
      'SELECT count(*) AS n, count(*) FILTER (WHERE honest.late_share_3h <> leaking.late_share_3h) AS differing FROM honest JOIN leaking USING (source_row)',
      [],
      { tables: { honest, leaking } },
    );
    expect(Number(compared!['differing'])).toBeGreaterThan(Number(compared!['n']) / 2);
    const auc = async (path: string) => (await tabular.rankAuc(path, { label: 'label', columns: ['late_share_3h'] }))['late_share_3h']!;
    expect(await auc(leaking)).toBeGreaterThan((await auc(honest)) + 0.02);
  }, 30_000);

  it('takes no value that the definition by known time alone would not give', async () => {
    const { path } = await tabular.pointInTimeJoin({ ...lateShare(flights, LANDED), rows: { ...lateShare(flights, LANDED).rows, sampleEvery: 2000 } });
    const naive = `
      SELECT count(*) AS n, count(*) FILTER (WHERE abs(j.late_share_3h - coalesce(expected, 0.2)) > 1e-12) AS wrong
      FROM joined AS j JOIN (
        SELECT p.file_row_number AS source_row, avg(CASE WHEN f.delay > 15 THEN 1 ELSE 0 END) AS expected
        FROM flights AS p JOIN (SELECT destination, delay, ${LANDED} AS known FROM flights) AS f
          ON f.destination = p.destination AND f.known < p.date - INTERVAL 30 MINUTE AND f.known >= p.date - INTERVAL 210 MINUTE
        WHERE p.file_row_number IN (SELECT source_row FROM joined)
        GROUP BY 1
      ) AS o USING (source_row)`;
    const [checked] = await tabular.query(naive, [], { tables: { joined: path, flights }, rowNumbers: true });
    expect(Number(checked!['n'])).toBeGreaterThan(10);
    expect(checked!['wrong']).toBe(0);
  }, 30_000);
});
