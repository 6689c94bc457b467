import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineFeatures, request, startFlightsStore, type FlightsStore } from '../testing/flights-store.js';

const REAL = fileURLToPath(new URL('../../../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));

describe('the hour of the actual departure, on real flights', () => {
  let store: FlightsStore;
  let version: string;
  beforeAll(async () => {
    store = await startFlightsStore();
    const sql = `SELECT * FROM flights WHERE date < TIMESTAMP '2001-01-15' AND delay >= -120 ORDER BY date, origin, destination, delay, distance`;
    version = await store.addVersion(1, { sql, tables: { flights: REAL } });
    await defineFeatures(store);
  });
  afterAll(() => store.close());
  const ask = (feature_service: string) => store.post('/features/v1/training-sets', request(version, { feature_service, to: '2001-01-15T00:00:00Z', sample_every: 3 }));

  it('is refused although it predicts worse than an honest feature: no threshold on predictive power would find it', async () => {
    const { body: built } = await ask('delay');
    const aucs = new Map(built.leakage_check.features.map(({ feature, auc }: { feature: string; auc: number }) => [feature, auc]));
    const { status, body } = await ask('delay-with-hour');
    expect(status).toBe(422);
    const [finding] = body.findings;
    expect(body.findings).toHaveLength(1);
    expect(finding).toMatchObject({ feature: 'hour_of_departure', rule: 'known-after-prediction', rows_leaking: built.row_count, worst_seconds: 1800 });
    expect(finding.auc).toBeGreaterThan(0.55);
    expect(finding.auc).toBeLessThan(0.65);
    expect(finding.auc).toBeLessThan(Number(aucs.get('origin_late_share_3h')));
  });
});
