import { startTestService, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';

const NOBODY = '00000000-0000-7000-8000-000000000000';
const ABSENT = `sha256:${'0'.repeat(64)}`;
const thresholds = { feature_psi: 0.2, prediction_psi: 0.2, label_rate_change: 0.2, minimum_auc: 0.6, minimum_labels: 10, consecutive_windows: 2, window_days: 7 };

describe('/monitoring/v1/monitors', () => {
  let monitoring: TestService;
  let digest: string;

  beforeAll(async () => {
    monitoring = await startTestService(service);
    ({ digest } = await monitoring.running.parts.objectStore.put(Buffer.from('a training set')));
  });
  afterAll(() => monitoring.close());

  const monitor = (changes: object = {}) => ({
    name: 'late', deployment: 'late', reference_training_set_id: NOBODY, reference_digest: digest, features: ['distance'], thresholds, ...changes,
  });
  const declare = (body: object) => monitoring.fetchJson('POST', '/monitoring/v1/monitors', body);

  describe('201', () => {
    it('declares a monitor that can be read at once', async () => {
      expect(await declare(monitor())).toMatchObject({ status: 201, body: { name: 'late', features: ['distance'], window_days: 7 } });
      expect(await monitoring.fetchJson('GET', '/monitoring/v1/monitors/late')).toMatchObject({ status: 200, body: { deployment: 'late' } });
    });
  });

  describe('200', () => {
    it('changes what is normal', async () => {
      await declare(monitor({ name: 'moved' }));
      const { digest: other } = await monitoring.running.parts.objectStore.put(Buffer.from('another training set'));
      const answer = await monitoring.fetchJson('PUT', '/monitoring/v1/monitors/moved/reference', { training_set_id: NOBODY, digest: other });
      expect(answer).toMatchObject({ status: 200, body: { reference_digest: other } });
    });

    it('lists no windows before labels came, and no incidents', async () => {
      await declare(monitor({ name: 'quiet' }));
      expect(await monitoring.fetchJson('GET', '/monitoring/v1/monitors/quiet/windows')).toMatchObject({ status: 200, body: { items: [] } });
      expect(await monitoring.fetchJson('GET', '/monitoring/v1/incidents')).toMatchObject({ status: 200, body: { items: [] } });
    });
  });

  describe('400', () => {
    it.each([
      ['no features', { features: [] }],
      ['a digest that is none', { reference_digest: 'md5:1' }],
      ['a negative threshold', { thresholds: { ...thresholds, feature_psi: -1 } }],
      ['a window of no days', { thresholds: { ...thresholds, window_days: 0 } }],
      ['no thresholds', { thresholds: undefined }],
    ])('refuses %s and stores nothing', async (_, changes) => {
      const before = await monitoring.store.size();
      expect((await declare(monitor({ name: 'bad', ...changes }))).status).toBe(400);
      expect(await monitoring.store.size()).toBe(before);
    });

    it('refuses a new reference that is none', async () => {
      await declare(monitor({ name: 'steady' }));
      const answer = await monitoring.fetchJson('PUT', '/monitoring/v1/monitors/steady/reference', { training_set_id: 'x', digest: 'y' });
      expect(answer.status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows no such monitor or incident', async () => {
      expect(await monitoring.fetchJson('GET', '/monitoring/v1/monitors/nobody')).toMatchObject({ status: 404, body: { code: 'MONITOR_NOT_FOUND' } });
      expect(await monitoring.fetchJson('GET', `/monitoring/v1/incidents/${NOBODY}`)).toMatchObject({ status: 404, body: { code: 'INCIDENT_NOT_FOUND' } });
    });
  });

  describe('409', () => {
    it('declares a name once', async () => {
      await declare(monitor({ name: 'twice' }));
      expect(await declare(monitor({ name: 'twice' }))).toMatchObject({ status: 409, body: { code: 'MONITOR_EXISTS' } });
    });
  });

  describe('422', () => {
    it('refuses a reference that nobody stored', async () => {
      expect(await declare(monitor({ name: 'ghost', reference_digest: ABSENT }))).toMatchObject({ status: 422, body: { code: 'REFERENCE_NOT_FOUND' } });
    });
  });
});
