import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTrace, span, TraceClient } from '../support/traces.js';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('POST /api/3.0/mlflow/traces/calculate-filter-correlation', () => {
  let tracking: TrackingClient;
  let traces: TraceClient;
  let experiment: string;

  beforeAll(async () => {
    tracking = await startTracking();
    traces = new TraceClient(tracking);
    experiment = await tracking.experiment();
    const some = (count: number, fields: Readonly<Record<string, unknown>>) => Promise.all(Array.from({ length: count }, () => traces.told(experiment, fields)));
    // 3 meet both, 4 only the second, 3 neither.
    await some(3, { state: 'ERROR', tags: { team: 'risk' } });
    await some(4, { tags: { team: 'risk' } });
    await some(2, { tags: {} });
    await traces.send(experiment, span(newTrace()));
  });
  afterAll(() => tracking.close());

  const ask = (fields: object = {}) => traces.v3('POST', '/calculate-filter-correlation', {
    experiment_ids: [experiment], filter_string1: "trace.status = 'ERROR'", filter_string2: "tags.team = 'risk'", ...fields,
  });

  describe('200', () => {
    it('answers what MLflow 3.17.2 answers for such counts', async () => {
      const { body } = await ask();
      expect(body).toMatchObject({ filter1_count: 3, filter2_count: 7, joint_count: 3, total_count: 10 });
      expect(body.npmi).toBeCloseTo(0.296248339378748, 12);
      expect(body.npmi_smoothed).toBeCloseTo(0.22069967943865018, 12);
    });

    it('is -1 where two filters never meet', async () => {
      expect((await ask({ filter_string2: "tags.team IS NULL AND status = 'OK'" })).body).toMatchObject({ npmi: -1, filter2_count: 3, joint_count: 0 });
    });

    it('counts within a base filter', async () => {
      expect((await ask({ base_filter: "tags.team = 'risk'" })).body).toMatchObject({ filter1_count: 3, filter2_count: 7, joint_count: 3, total_count: 7 });
      expect((await ask({ base_filter: "span.name = 'root'" })).body).toEqual({ filter1_count: 0, filter2_count: 0, joint_count: 0, total_count: 1 });
    });

    it('leaves out what is undefined', async () => {
      expect((await ask({ filter_string1: "name = 'none'" })).body).toEqual({ filter1_count: 0, filter2_count: 7, joint_count: 0, total_count: 10 });
      expect((await ask({ experiment_ids: ['none'] })).body).toEqual({ filter1_count: 0, filter2_count: 0, joint_count: 0, total_count: 0 });
    });
  });

  describe('400', () => {
    it.each([
      ['no experiments', { experiment_ids: [] }], ['no first filter', { filter_string1: '' }], ['no second filter', { filter_string2: undefined }],
      ['a filter that is none', { filter_string1: 'x' }], ['a base filter that is none', { base_filter: "metrics.a = 'x'" }],
      ['a pattern that is none', { filter_string2: "tags.team RLIKE '['" }],
    ])('refuses %s', async (_, fields) => {
      expect(await ask(fields)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });
  });
});
