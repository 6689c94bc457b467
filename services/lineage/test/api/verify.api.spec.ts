import { rename } from 'node:fs/promises';
import { archiveLog } from '@cairn/event-store';
import type { Digest } from '@cairn/object-store';
import { createDatabase, startTestService, waitUntil, type TestDatabase, type TestService } from '@cairn/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { append } from '../story.js';

const EVENTS = 40;

describe('POST /lineage/v1/log/verify', () => {
  let database: TestDatabase;
  let lineage: TestService;
  beforeEach(async () => {
    database = await createDatabase();
    lineage = await startTestService(service, { database, settings: { CAIRN_LOG_SIGN_INTERVAL_MS: '20' } });
  });
  afterEach(async () => {
    await lineage.close();
    await database.drop();
  });

  const verify = () => lineage.fetchJson('POST', '/lineage/v1/log/verify');

  async function signedLog(): Promise<void> {
    await append(lineage, Array.from({ length: EVENTS }, (_, at) => ['cairn.catalog.v1.DatasetVersionQuarantined', { versionId: `version-${at}` }] as const));
    await waitUntil('all events are signed', async () => (await lineage.fetchJson('GET', '/lineage/v1/log/size')).body.signed_size === String(EVENTS));
  }

  async function query<Row extends pg.QueryResultRow>(sql: string): Promise<[Row, ...Row[]]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<Row>(sql);
    await client.end();
    return rows as [Row, ...Row[]];
  }

  /** What only a superuser can do, once the guards are switched off. */
  async function tamper(sql: string): Promise<void> {
    await query('ALTER TABLE event_store.events DISABLE TRIGGER ALL; GRANT ALL ON event_store.events TO CURRENT_USER');
    await query(sql);
  }

  describe('200', () => {
    it('verifies a log that nobody touched', async () => {
      await signedLog();
      const { status, body } = await verify();
      expect(status).toBe(200);
      expect(body).toEqual({
        verified: true,
        entries_verified: true,
        tiles_verified: true,
        size: String(EVENTS),
        root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      });
    });

    it('names the event whose text a superuser changed', async () => {
      await signedLog();
      await tamper(`UPDATE event_store.events SET body = replace(body, 'version-17', 'version-71') WHERE position = 17`);
      expect((await verify()).body).toMatchObject({ verified: false, first_bad_position: '17', finding: 'CHANGED', entries_verified: false, tiles_verified: true });
    });

    it('names it also when the stored hash was changed with it', async () => {
      await signedLog();
      await tamper(`
        UPDATE event_store.events SET body = replace(body, 'version-17', 'version-71') WHERE position = 17;
        UPDATE event_store.events SET leaf = sha256('\\x00'::bytea || convert_to(body, 'UTF8')) WHERE position = 17`);
      expect((await verify()).body).toMatchObject({ verified: false, first_bad_position: '17', finding: 'CHANGED' });
    });

    it('names the first event whose archived text is lost, and says when it is there again', async () => {
      await signedLog();
      const objects = lineage.running.parts.objectStore;
      await archiveLog(30n, { url: database.url, objects, limits: { maxEvents: 10 } });
      const [{ digest }] = await query<{ digest: string }>('SELECT digest FROM event_store.archived_segments WHERE first_position = 10');
      const path = await objects.localPath(digest as Digest);
      const moved = `${path}.moved`;
      await rename(path, moved);
      expect(await verify()).toMatchObject({ status: 200, body: { verified: false, entries_verified: false, first_bad_position: '10', finding: 'UNREADABLE' } });
      await rename(moved, path);
      expect((await verify()).body).toMatchObject({ verified: true });
    });

    it('names the event whose columns say something else than its text', async () => {
      await signedLog();
      await tamper(`UPDATE event_store.events SET type = 'cairn.catalog.v1.DatasetRegistered' WHERE position = 9`);
      expect((await verify()).body).toMatchObject({ verified: false, first_bad_position: '9', finding: 'CHANGED' });
    });

    it('names the first of two events that were swapped', async () => {
      await signedLog();
      await tamper(`
        UPDATE event_store.events SET position = 1000 WHERE position = 20;
        UPDATE event_store.events SET position = 20 WHERE position = 30;
        UPDATE event_store.events SET position = 30 WHERE position = 1000`);
      expect((await verify()).body).toMatchObject({ verified: false, first_bad_position: '20', finding: 'CHANGED' });
    });

    it('names the place where an event was taken out', async () => {
      await signedLog();
      await tamper('DELETE FROM event_store.events WHERE position = 25');
      expect((await verify()).body).toMatchObject({ verified: false, first_bad_position: '25', finding: 'OUT_OF_ORDER' });
    });

    it('names the place where the log was cut', async () => {
      await signedLog();
      await tamper('DELETE FROM event_store.events WHERE position >= 35');
      expect((await verify()).body).toMatchObject({ verified: false, first_bad_position: '35', finding: 'MISSING' });
    });

    it('names the tile that a superuser changed', async () => {
      await signedLog();
      await tamper('UPDATE lineage.log_tile SET hashes = set_bit(hashes, 2000, 1 - get_bit(hashes, 2000))');
      const { body } = await verify();
      expect(body).toMatchObject({ verified: false, entries_verified: true, tiles_verified: false });
      expect(body.bad_tile).toEqual({ tile: 'tile/0/000.p/40', finding: 'TILE_CHANGED', from: '0', to: '39', first_bad_position: '7' });
    });

    it('gives the same answer to all who ask at once', async () => {
      await signedLog();
      const answers = await Promise.all(Array.from({ length: 5 }, verify));
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    });
  });

  describe('422', () => {
    it('has nothing to compare with before the first event', async () => {
      expect(await verify()).toMatchObject({ status: 422, body: { code: 'NOTHING_SIGNED' } });
    });
  });
});
