import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@cairn/kernel';
import { createDatabase, startTestService, tempDir, waitUntil, type TestDatabase, type TestService } from '@cairn/testing';
import { Command } from 'commander';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadService } from '../../stack/services.js';
import { addSettings } from '../settings.js';
import { register } from './log.js';

const EVENTS = 60;

/** Lineage alone serves what the command asks of the gateway. */
describe('cairn log archive', () => {
  let database: TestDatabase;
  let lineage: TestService;
  let objects: string;
  beforeEach(async () => {
    database = await createDatabase();
    objects = tempDir('objects');
    lineage = await startTestService(await loadService('lineage'), {
      database,
      settings: { CAIRN_LOG_SIGN_INTERVAL_MS: '20' },
      config: { objectStoreUrl: `file://${objects}` },
    });
    for (let at = 0; at < EVENTS; at += 1) {
      const meta = { source: '/test', workspace: 'default', actor: { principal: 'tester' }, correlationId: newId() };
      const event = { id: newId(), type: 'cairn.catalog.v1.DatasetVersionQuarantined', data: { versionId: newId(), reason: `reason ${at}` }, meta };
      await lineage.store.append([{ stream: `dataset-version-${newId()}`, expected: 'none', events: [event] }]);
    }
    await waitUntil('all events are signed', async () => (await lineage.fetchJson('GET', '/lineage/v1/log/size')).body.signed_size === String(EVENTS));
  });
  afterEach(async () => {
    await lineage.close();
    await database.drop();
  });

  async function cairn(...args: string[]): Promise<string> {
    const program = addSettings(new Command('cairn').exitOverride());
    register(program);
    const out: string[] = [];
    const stdout = process.stdout.write;
    process.stdout.write = ((text: string) => out.push(text) > 0) as typeof process.stdout.write;
    try {
      await program.parseAsync(['log', ...args, '--url', lineage.url], { from: 'user' });
    } finally {
      process.stdout.write = stdout;
    }
    return out.join('');
  }
  const archive = (before: number, ...args: string[]) =>
    cairn('archive', '--before', String(before), '--database-url', database.url, '--object-store-url', `file://${objects}`, ...args);
  async function sql(statement: string, url = database.url): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client.query(statement).then(({ rows }) => rows as Record<string, unknown>[]).finally(() => client.end());
  }
  const bodies = async () => Number((await sql('SELECT count(body)::integer AS bodies FROM event_store.events'))[0]?.['bodies']);

  it('takes bodies out, and the log is verified, served and exported as before', async () => {
    const folder = tempDir('exports');
    await cairn('export', join(folder, 'before.ndjson'));
    expect(JSON.parse(await archive(40, '--json'))).toMatchObject({ from: '0', end: '40', segments: 1, vacuumed: true });
    expect(await bodies()).toBe(EVENTS - 40);
    expect((await lineage.fetchJson('POST', '/lineage/v1/log/verify')).body).toMatchObject({ verified: true });
    expect((await lineage.fetchJson('GET', '/tile/entries/000.p/60')).status).toBe(200);
    await cairn('export', join(folder, 'after.ndjson'));
    for (const suffix of ['', '.checkpoint', '.key']) expect(readFileSync(join(folder, `after.ndjson${suffix}`))).toEqual(readFileSync(join(folder, `before.ndjson${suffix}`)));
    expect(await archive(40)).toContain('Nothing was left to archive: every event below 40 is archived.');
    expect(await archive(EVENTS)).toMatch(/^Events 40 to 59 are archived in 1 objects: \d+ bytes of text in \d+\.\n$/);
    expect(await bodies()).toBe(0);
    expect((await lineage.fetchJson('POST', '/lineage/v1/log/verify')).body).toMatchObject({ verified: true });
  });

  it('goes no further than what is signed', async () => {
    await expect(archive(EVENTS + 1)).rejects.toThrow(`--before is at most ${EVENTS}`);
    expect(await bodies()).toBe(EVENTS);
  });

  it('leaves an event that was changed where it is, and is a difference', async () => {
    await sql(`ALTER TABLE event_store.events DISABLE TRIGGER ALL; UPDATE event_store.events SET body = replace(body, 'reason 7', 'no reason') WHERE position = 7`);
    await expect(archive(40)).rejects.toMatchObject({ name: 'Differs', message: expect.stringContaining('position 7') });
    expect(await bodies()).toBe(EVENTS);
  });

  it('touches no database but that of the log which is served', async () => {
    const another = await createDatabase();
    await expect(archive(40, '--database-url', another.url)).rejects.toMatchObject({ name: 'Differs', message: expect.stringContaining('differ at position 39') });
    await another.drop();
  });

  it('stops at once where the services have another object store, and goes on when what it wrote is copied there', async () => {
    const wrong = tempDir('wrong');
    await expect(archive(40, '--object-store-url', `file://${wrong}`)).rejects.toMatchObject({ name: 'NotDone', message: expect.stringContaining('The services can not read') });
    expect(await bodies()).toBe(EVENTS - 40);
    await expect(archive(50)).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE' });
    const answer = await lineage.fetchJson('GET', '/lineage/v1/log/events?from=10&limit=1');
    expect(answer).toMatchObject({ status: 500, body: { code: 'EVENT_STORE_ARCHIVE_UNREADABLE', detail: expect.stringContaining('positions 0 to 39') } });
    cpSync(wrong, objects, { recursive: true });
    expect(await archive(50)).toContain('Events 40 to 49 are archived');
    expect((await lineage.fetchJson('POST', '/lineage/v1/log/verify')).body).toMatchObject({ verified: true });
  });

  it.each([
    [['--before', 'yesterday'], /number from 0 on/],
    [['--object-store-url', 'ftp://somewhere'], /file:\/\/\/folder or s3/],
  ])('takes no %j', async (args, message) => {
    await expect(archive(40, ...args)).rejects.toThrow(message);
  });
});
