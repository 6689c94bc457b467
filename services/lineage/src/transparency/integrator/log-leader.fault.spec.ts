import { createDatabase, startTestService, tempDir, waitUntil, type TestDatabase, type TestService } from '@cairn/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { service } from '../../app.module.js';
import { append } from '../../../test/story.js';

const settings = { CAIRN_LOG_SIGN_INTERVAL_MS: '20' };

describe('a service that keeps the log', () => {
  let database: TestDatabase;
  const open: TestService[] = [];
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
    await database.drop();
  });

  async function start(dataDir: string): Promise<TestService> {
    const started = await startTestService(service, { database, settings, config: { dataDir } });
    open.push(started);
    return started;
  }
  const sizeOf = async (one: TestService) => (await one.fetchJson('GET', '/lineage/v1/log/size')).body;
  const tell = (one: TestService, count: number) =>
    append(one, Array.from({ length: count }, () => ['cairn.catalog.v1.DatasetVersionQuarantined', { versionId: 'some-version' }] as const));
  const signed = (one: TestService, size: number) => waitUntil(`${size} events are signed`, async () => (await sizeOf(one)).signed_size === String(size));

  it('is replaced by the next one when it stops, and the log goes on under the same key', async () => {
    const dataDir = tempDir('lineage');
    const first = await start(dataDir);
    await tell(first, 10);
    await signed(first, 10);
    const second = await start(dataDir);
    await open.splice(open.indexOf(first), 1)[0]?.close();
    await tell(second, 10);
    await signed(second, 20);
    expect(await sizeOf(second)).toMatchObject({ state: 'signing' });
  });

  it('refuses to sign a database that was rolled back, says so, and goes on serving what it signed', async () => {
    const dataDir = tempDir('lineage');
    const first = await start(dataDir);
    await tell(first, 30);
    await signed(first, 30);
    const { body: note } = await first.fetchJson('GET', '/checkpoint');
    await open.splice(0)[0]?.close();
    await rollBackTo(20);

    const second = await start(dataDir);
    const size = await waitUntil('it has refused', async () => {
      const body = await sizeOf(second);
      return body.state === 'refused' && body;
    });
    expect(size).toMatchObject({ size: '20', signed_size: '30', refusal: { code: 'LOG_SHORTER', position: '20' } });
    expect((await second.fetchJson('GET', '/checkpoint')).body).toBe(note);
    expect((await second.fetchJson('POST', '/lineage/v1/log/verify')).body).toMatchObject({ verified: false, first_bad_position: '20', finding: 'MISSING' });
  });

  async function rollBackTo(size: number): Promise<void> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`
      ALTER TABLE event_store.events DISABLE TRIGGER ALL; ALTER TABLE event_store.log_head DISABLE TRIGGER ALL;
      GRANT ALL ON event_store.events, event_store.log_head TO CURRENT_USER;
      DELETE FROM event_store.events WHERE position >= ${size};
      UPDATE event_store.log_head SET size = ${size};
      DELETE FROM lineage.log_tile;
      UPDATE lineage.log_head SET tree_size = 0, signed_size = 0, note = NULL;
      UPDATE lineage.projection_checkpoint SET position = ${size};`);
    await client.end();
  }
});
