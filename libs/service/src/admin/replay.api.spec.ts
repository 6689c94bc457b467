import { startTestService, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noteService } from '../testing/note-service.js';

const SHA256 = /^[0-9a-f]{64}$/;

let service: TestService;
let firstTime: string;

beforeAll(async () => {
  service = await startTestService(noteService);
  for (const name of ['one', 'two', 'three']) await service.fetchJson('POST', '/notes', { name });
  firstTime = (await service.store.readAll(0n)).events[0]!.time;
});
afterAll(() => service.close());

const replay = (body: unknown) => service.fetchJson('POST', '/catalog/v1/admin/replay', body);
const digests = () => service.fetchJson('GET', '/catalog/v1/admin/digests');

describe('GET /<prefix>/v1/admin/digests', () => {
  describe('200', () => {
    it('answers one digest per table, and the position that they belong to', async () => {
      const { status, body } = await digests();
      expect(status).toBe(200);
      expect(body).toEqual({ position: '2', tables: [{ table: 'note', rows: 3, digest: expect.stringMatching(SHA256) }] });
    });
  });
});

describe('POST /<prefix>/v1/admin/replay', () => {
  describe('200', () => {
    it('compares with the live tables, whose digests it gives again', async () => {
      const { body: live } = await digests();
      const { status, body } = await replay({});
      expect(status).toBe(200);
      expect(body).toEqual({ position: '2', compared: true, identical: true, tables: [{ ...live.tables[0], rows_live: 3, differing: 0, differences: [] }] });
      expect((await replay({ to: '2' })).body).toEqual(body);
      expect((await replay(undefined)).body).toEqual(body);
    });

    it('goes to a position, or to the last event that is not later than a time', async () => {
      const { body } = await replay({ to: '0' });
      expect(body).toEqual({ position: '0', compared: false, tables: [{ table: 'note', rows: 1, digest: expect.stringMatching(SHA256) }] });
      expect((await replay({ to_time: firstTime })).body).toEqual(body);
      expect((await replay({ to_time: '2999-01-01T00:00:00+01:00' })).body).toMatchObject({ position: '2', compared: true, identical: true });
    });

    it('names what somebody changed, and the event that made the row', async () => {
      const parts = service.running.parts.stateful!;
      const [{ id }]: [{ id: string }] = await parts.dataSource.query(`UPDATE note SET owner = 'somebody' WHERE name = 'two' RETURNING id`).then(([rows]) => rows);
      const { body } = await replay({});
      await parts.dataSource.query(`UPDATE note SET owner = 'local' WHERE name = 'two'`);
      expect(body).toMatchObject({ identical: false, tables: [{ differing: 1 }] });
      expect(body.tables[0].differences).toEqual([
        {
          key: { id },
          kind: 'changed',
          columns: [{ column: 'owner', live: 'somebody', replayed: 'local' }],
          event: { position: '1', type: 'cairn.catalog.v1.DatasetRegistered', stream: `dataset-${id}` },
        },
      ]);
    });
  });

  describe('400', () => {
    it.each([[{ to: '-1' }], [{ to: 2 }], [{ to_time: 'yesterday' }], [{ until: '2' }], [[]]])('takes no %j', async (body) => {
      expect(await replay(body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });

    it('takes one moment, and a time that there is', async () => {
      expect((await replay({ to: '1', to_time: firstTime })).body).toMatchObject({ status: 400, code: 'ONE_MOMENT' });
      expect((await replay({ to_time: '2026-13-01T00:00:00Z' })).body).toMatchObject({ status: 400, code: 'INVALID_TIME' });
    });
  });

  describe('409', () => {
    it('runs once at a time', async () => {
      const answers = await Promise.all([replay({}), replay({}), replay({})]);
      expect(answers.map(({ status }) => status).filter((status) => status === 409).length).toBeGreaterThan(0);
      for (const { status, body } of answers) if (status !== 200) expect(body).toMatchObject({ status: 409, code: 'REBUILD_RUNNING' });
    });
  });

  describe('422', () => {
    it('has no rows of a moment that the log does not reach', async () => {
      expect((await replay({ to: '3' })).body).toMatchObject({ status: 422, code: 'POSITION_NOT_WRITTEN' });
      expect((await replay({ to_time: '2000-01-01T00:00:00Z' })).body).toMatchObject({ status: 422, code: 'BEFORE_THE_LOG' });
    });
  });
});
