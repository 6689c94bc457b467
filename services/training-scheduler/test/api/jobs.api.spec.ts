import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestService, waitUntil, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';

interface Job {
  job_id: string;
  status: string;
  attempts: number;
  outputs: Record<string, string>;
  reason: string;
}

const NOBODY = '00000000-0000-7000-8000-000000000000';

describe('/scheduler/v1/jobs', () => {
  let scheduler: TestService;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cairn-programs-'));
    writeFileSync(join(folder, 'greet.mjs'), `import { writeFileSync } from 'node:fs';
      writeFileSync(process.env.CAIRN_JOB_OUTPUT, JSON.stringify({ greeting: process.argv[2] + ' ' + process.env.CAIRN_JOB_ID }));`);
    writeFileSync(join(folder, 'fail.mjs'), `console.error('no data'); process.exit(2);`);
    writeFileSync(join(folder, 'wait.mjs'), 'setInterval(() => {}, 1000);');
    writeFileSync(join(folder, 'programs.json'), JSON.stringify({ greet: 'greet.mjs', fail: 'fail.mjs', wait: 'wait.mjs' }));
    scheduler = await startTestService(service, { settings: { CAIRN_SCHEDULER_PROGRAMS: join(folder, 'programs.json') } });
  });
  afterAll(() => scheduler.close());

  const submit = (body: object) => scheduler.fetchJson('POST', '/scheduler/v1/jobs', body);
  const ended = async (jobId: string): Promise<Job> => {
    const job = async (): Promise<Job> => (await scheduler.fetchJson('GET', `/scheduler/v1/jobs/${jobId}`)).body;
    await waitUntil('the end of the job', async () => !['queued', 'running'].includes((await job()).status));
    return job();
  };

  describe('201', () => {
    it('runs a program and shows what it reported', async () => {
      const { status, body } = await submit({ name: 'hello', program: 'greet', arguments: ['hello'] });
      expect(status).toBe(201);
      const { job_id } = body as Job;
      expect(await ended(job_id)).toMatchObject({ status: 'succeeded', attempts: 1, outputs: { greeting: `hello ${job_id}` } });
    });

    it('tries a failing program as often as it may', async () => {
      const { body } = await submit({ name: 'doomed', program: 'fail', max_attempts: 2 });
      expect(await ended((body as Job).job_id)).toMatchObject({ status: 'failed', attempts: 2, reason: 'no data' });
    });

    it('submits a repeated request once', async () => {
      const headers = { 'idempotency-key': 'same' };
      const first = await scheduler.fetchJson('POST', '/scheduler/v1/jobs', { name: 'once', program: 'greet', arguments: ['a'] }, headers);
      const again = await scheduler.fetchJson('POST', '/scheduler/v1/jobs', { name: 'once', program: 'greet', arguments: ['a'] }, headers);
      expect(again.body.job_id).toBe(first.body.job_id);
    });
  });

  describe('200', () => {
    it('cancels a running job and ends its process', async () => {
      const { body } = await submit({ name: 'long', program: 'wait' });
      const { job_id } = body as Job;
      const { status } = await scheduler.fetchJson('POST', `/scheduler/v1/jobs/${job_id}/cancel`, { reason: 'not needed' });
      expect(status).toBe(200);
      expect(await ended(job_id)).toMatchObject({ status: 'cancelled', reason: 'not needed' });
    });

    it('lists jobs page by page, newest first', async () => {
      const first = await scheduler.fetchJson('GET', '/scheduler/v1/jobs?limit=2');
      expect(first.body.items).toHaveLength(2);
      const second = await scheduler.fetchJson('GET', `/scheduler/v1/jobs?limit=2&page_token=${first.body.next_page_token}`);
      expect(second.body.items[0]?.job_id).not.toBe(first.body.items[1]?.job_id);
    });
  });

  describe('400', () => {
    it.each([
      ['a path for a program', { name: 'x', program: '../../bin/sh' }],
      ['an unknown program', { name: 'x', program: 'nothing' }],
      ['no name', { program: 'greet' }],
      ['an unknown field', { name: 'x', program: 'greet', shell: true }],
      ['too many attempts', { name: 'x', program: 'greet', max_attempts: 99 }],
      ['a variable of the scheduler’s own', { name: 'x', program: 'greet', environment: { CAIRN_TOKEN: 'mine' } }],
    ])('refuses %s and stores nothing', async (_, body) => {
      // Jobs of other specs may still be running and record that they end; a job more is what must not be.
      const jobs = async (): Promise<number> => (await scheduler.fetchJson('GET', '/scheduler/v1/jobs?limit=1000')).body.items.length;
      const before = await jobs();
      const answer = await submit(body);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ status: 400, code: expect.any(String), detail: expect.any(String) });
      expect(await jobs()).toBe(before);
    });

    it('refuses an id that is no UUID', async () => {
      expect((await scheduler.fetchJson('GET', '/scheduler/v1/jobs/1')).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows no such job', async () => {
      const { status, body } = await scheduler.fetchJson('GET', `/scheduler/v1/jobs/${NOBODY}`);
      expect({ status, body }).toMatchObject({ status: 404, body: { code: 'JOB_NOT_FOUND' } });
    });
  });

  describe('409', () => {
    it('does not cancel what has ended', async () => {
      const { body } = await submit({ name: 'quick', program: 'greet', arguments: ['hi'] });
      const { job_id } = await ended((body as Job).job_id);
      const answer = await scheduler.fetchJson('POST', `/scheduler/v1/jobs/${job_id}/cancel`, { reason: 'late' });
      expect(answer).toMatchObject({ status: 409, body: { code: 'JOB_ENDED' } });
    });
  });
});
