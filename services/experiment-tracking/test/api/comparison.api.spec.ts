import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

const tag = (version: string, ...keys: string[]) => ({ key: 'cairn.params.defaulted', value: JSON.stringify({ library: 'scikit-learn', version, keys }) });

describe('the comparison of runs', () => {
  let tracking: TrackingClient;
  let experimentId: string;
  let older: string;
  let newer: string;
  beforeAll(async () => {
    tracking = await startTracking();
    experimentId = await tracking.experiment();
    older = await logged({ max_features: 'auto', C: '1' }, tag('1.0', 'max_features'), { auc: 0.6, loss: 'NaN' }, 'a1');
    newer = await logged({ max_features: 'sqrt', C: '2', tol: '0.1' }, tag('1.1', 'max_features', 'tol'), { auc: 0.7 }, 'a1');
  });
  afterAll(() => tracking.close());

  const logged = async (params: Record<string, string>, origin: object | undefined, metrics: Record<string, unknown>, commit: string): Promise<string> => {
    const run_id = await tracking.run(experimentId);
    const points = Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 1 }));
    const tags = [{ key: 'mlflow.source.git.commit', value: commit }];
    await tracking.mlflow('POST', 'runs/log-batch', { run_id, params: Object.entries(params).map(([key, value]) => ({ key, value })), metrics: points, tags });
    if (origin !== undefined) expect((await tracking.mlflow('POST', 'runs/set-tag', { run_id, ...origin })).status).toBe(200);
    const datasets = [{ dataset: { name: 'flights', digest: 'sha256:a' } }, { dataset: { name: 'weather', digest: `sha256:${run_id}` } }];
    await tracking.mlflow('POST', 'runs/log-inputs', { run_id, datasets });
    return run_id;
  };
  const compare = (...ids: string[]) => tracking.fetchJson('GET', `/tracking/v1/runs/compare?${ids.map((id) => `run_id=${id}`).join('&')}`);
  const defaults = (query: string) => tracking.fetchJson('GET', `/tracking/v1/defaults?${query}`);

  describe('200', () => {
    it('points out a default that changed between versions', async () => {
      const { body } = await compare(older, newer);
      const sentence = 'The default of max_features in scikit-learn is auto at version 1.0 and sqrt at 1.1: nobody chose this difference.';
      expect(body.warnings).toEqual([sentence]);
      const before = { value: 'auto', origin: 'default', library: 'scikit-learn', library_version: '1.0' };
      expect(body.params).toMatchObject([
        { key: 'C', same: false, difference: 'chosen', values: [{ value: '1', origin: 'set' }, { value: '2', origin: 'set' }] },
        { key: 'max_features', difference: 'default_changed', sentence, values: [before, { library_version: '1.1' }] },
        { key: 'tol', same: false, difference: 'absent', values: [null, { value: '0.1', origin: 'default' }] },
      ]);
    });

    it('compares metrics, datasets and code', async () => {
      const { body } = await compare(newer, older);
      expect(body.runs.map(({ run_id }: { run_id: string }) => run_id)).toEqual([newer, older]);
      expect(body.metrics).toEqual([{ key: 'auc', values: [0.7, 0.6] }, { key: 'loss', values: [null, 'NaN'] }]);
      expect(body.datasets.map(({ name, same, used }: { name: string; same: boolean; used: boolean[] }) => [name, same, used])).toEqual([
        ['flights', true, [true, true]], ['weather', false, [true, false]], ['weather', false, [false, true]],
      ]);
      expect(body.code).toEqual({ same: true, values: ['a1', 'a1'] });
    });

    it('lists the defaults that were seen, in pages', async () => {
      const all = (await defaults('library=scikit-learn')).body;
      expect(all.items).toMatchObject([
        { param: 'max_features', library_version: '1.0', value: 'auto', runs: 1, first_seen_ms: 1 },
        { param: 'max_features', library_version: '1.1', value: 'sqrt' }, { param: 'tol' },
      ]);
      const first = (await defaults('library=scikit-learn&param=max_features&limit=1')).body;
      expect(first.items).toMatchObject([{ value: 'auto' }]);
      const second = await defaults(`library=scikit-learn&param=max_features&limit=1&page_token=${first.next_page_token}`);
      expect(second.body).toEqual({ items: [expect.objectContaining({ value: 'sqrt' })] });
      expect((await defaults('library=nobody')).body).toEqual({ items: [] });
    });
  });

  describe('400', () => {
    it.each([
      ['no run', ''], ['one run', `run_id=${NO_RUN}`], ['eleven runs', Array.from({ length: 11 }, () => `run_id=${NO_RUN}`).join('&')], ['another field', `run_id=a&run_id=b&x=1`],
    ])('refuses %s', async (_, query) => {
      expect(await tracking.fetchJson('GET', `/tracking/v1/runs/compare?${query}`)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });

    it('refuses a run that is named twice', async () => {
      expect(await compare(older, older)).toMatchObject({ status: 400, body: { code: 'SAME_RUN_TWICE' } });
    });

    it.each(['', 'library=', 'library=a&param=', 'library=%00', 'library=a&library=b', 'library=a&limit=0'])('refuses to list the defaults of %j', async (query) => {
      expect(await defaults(query)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });

    it('refuses a page token of another list', async () => {
      expect(await defaults(`library=a&page_token=${Buffer.from('x').toString('base64url')}`)).toMatchObject({ status: 400, body: { code: 'INVALID_PAGE_TOKEN' } });
    });

    it('refuses a tag of defaults that does not fit, in the words of MLflow', async () => {
      const answer = await tracking.mlflow('POST', 'runs/set-tag', { run_id: older, key: 'cairn.params.defaulted', value: 'C' });
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining('"library": "scikit-learn"') } });
    });
  });

  describe('404', () => {
    it('knows no such run', async () => {
      expect(await compare(older, NO_RUN)).toMatchObject({ status: 404, body: { code: 'RUN_NOT_FOUND' } });
      expect(await compare('abc', older)).toMatchObject({ status: 404, body: { code: 'RUN_NOT_FOUND' } });
    });
  });
});
