import { startTestService, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';

const trigger = { name: 'retrain', on: 'incident-opened', monitor: 'late-flights', job: { name: 'train', program: 'greet' } };

describe('/scheduler/v1/triggers', () => {
  let scheduler: TestService;
  beforeAll(async () => {
    scheduler = await startTestService(service);
  });
  afterAll(() => scheduler.close());

  const declare = (body: object) => scheduler.fetchJson('POST', '/scheduler/v1/triggers', body);

  describe('201', () => {
    it('declares a trigger and lists it', async () => {
      expect(await declare(trigger)).toMatchObject({ status: 201, body: { name: 'retrain', monitor: 'late-flights', fired: 0 } });
      const { body } = await scheduler.fetchJson('GET', '/scheduler/v1/triggers');
      expect(body.items.map(({ name }: { name: string }) => name)).toEqual(['retrain']);
    });
  });

  describe('400', () => {
    it.each([
      ['another fact', { ...trigger, on: 'full-moon' }],
      ['no job', { name: 'x', on: 'incident-opened', monitor: 'm' }],
      ['a job without a program', { ...trigger, job: { name: 'train' } }],
    ])('refuses %s', async (_, body) => {
      expect((await declare(body)).status).toBe(400);
    });
  });

  describe('409', () => {
    it('declares a name once', async () => {
      await declare({ ...trigger, name: 'twice' });
      expect(await declare({ ...trigger, name: 'twice' })).toMatchObject({ status: 409, body: { code: 'TRIGGER_EXISTS' } });
    });
  });
});
