import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { openObjectStore, type Digest } from '@cairn/object-store';
import { createDatabase, tempDir } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allRecords, ArchivedLog } from '../../testing/archived-log.js';
import { appendTo, someEvent, someEvents } from '../../testing/events.js';
import { withSession } from '../../testing/session.js';
import type { PostgresEventStore } from '../postgres-event-store.js';
import type { ArchiveStep } from './log-archive.js';

const EVENTS = 50;

describe('archiving', () => {
  let log: ArchivedLog;
  let store: PostgresEventStore;
  beforeEach(async () => {
    log = await ArchivedLog.open(await createDatabase(), tempDir('archive'));
    store = await log.store();
    await store.append([appendTo('thing-a', 'none', ...someEvents(EVENTS))]);
  });
  afterEach(() => log.close());
  const segments = () => log.query('SELECT first_position, end_position, digest, object_bytes, text_bytes FROM event_store.archived_segments ORDER BY first_position');

  it('moves bodies into objects that any tool can read, and says how many', async () => {
    const records = await allRecords(store);
    const steps: ArchiveStep[] = [];
    const report = await log.archive(25n, { limits: { maxEvents: 10 }, onStep: (step) => void steps.push(step) });
    expect(await log.state()).toEqual({ bodies: EVENTS - 25, archived: 25, size: EVENTS });
    const rows = await segments();
    expect(rows).toMatchObject([{ first_position: '0', end_position: '10' }, { first_position: '10', end_position: '20' }, { first_position: '20', end_position: '25' }]);
    const objects = await Promise.all(rows.map(({ digest }) => log.objects.read(digest as Digest, { maxBytes: 1_000_000 })));
    const texts = objects.map((object) => gunzipSync(object).toString('utf8'));
    expect(texts.join('')).toBe(records.slice(0, 25).map(({ body }) => `${body}\n`).join(''));
    expect(report).toEqual({
      from: 0n,
      end: 25n,
      segments: 3,
      textBytes: Buffer.byteLength(texts.join('')),
      objectBytes: objects.reduce((sum, { length }) => sum + length, 0),
      vacuumed: true,
    });
    expect(steps.map((step) => (step.step === 'emptied' ? `emptied ${step.upTo}` : `${step.step} ${step.segment.end}`))).toEqual(
      [10, 20, 25].flatMap((end) => [`stored ${end}`, `recorded ${end}`, `emptied ${end}`]),
    );
  });

  it('goes on where it ended, does nothing when there is nothing to do, and goes no further than the log', async () => {
    expect(await log.archive(0n)).toMatchObject({ from: 0n, end: 0n, segments: 0, vacuumed: false });
    expect(await log.archive(20n)).toMatchObject({ from: 0n, end: 20n, segments: 1 });
    expect(await log.archive(20n)).toMatchObject({ from: 20n, end: 20n, segments: 0, vacuumed: false });
    expect(await log.archive(5n)).toMatchObject({ from: 20n, end: 20n, segments: 0 });
    expect(await log.archive(1_000n)).toMatchObject({ from: 20n, end: BigInt(EVENTS), segments: 1 });
    expect(await allRecords(store)).toHaveLength(EVENTS);
  });

  it('ends a segment before it has more bytes than it may, also where one event has', async () => {
    await store.append([appendTo('thing-b', 'none', ...[1, 30_000, 2, 9_000, 9_000].map((length) => someEvent({ text: 'é'.repeat(length / 2) })))]);
    const { segments: count } = await log.archive(1_000n, { limits: { maxBytes: 20_000 } });
    const rows = await segments();
    expect(rows).toHaveLength(count);
    const large = rows.filter(({ text_bytes: bytes }) => Number(bytes) > 20_000);
    expect(large.map(({ first_position: first, end_position: end }) => [first, end])).toEqual([[String(EVENTS + 1), String(EVENTS + 2)]]);
    expect(await allRecords(await log.store())).toEqual(await allRecords(store));
  });

  it('takes nothing out that is not what was hashed, and nothing after it', async () => {
    await log.query(`ALTER TABLE event_store.events DISABLE TRIGGER ALL; UPDATE event_store.events SET body = replace(body, 'alice', 'mallory') WHERE position = 23`);
    const refused = log.archive(40n, { limits: { maxEvents: 10 } });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_EVENT', message: expect.stringContaining('position 23') });
    expect(await log.state()).toMatchObject({ archived: 20, bodies: EVENTS - 20 });
  });

  it('goes on only in the object store that has what is archived already', async () => {
    await log.archive(10n);
    const objects = await openObjectStore(`file://${tempDir('another')}`);
    await expect(log.archive(20n, { objects })).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE', message: expect.stringContaining('positions 0 to 9') });
    expect(await log.state()).toMatchObject({ archived: 10 });
    await objects.close();
  });

  it('ends where its caller stops it, and goes on from there', async () => {
    const stop = new Error('that is enough');
    const onStep = ({ step }: ArchiveStep) => (step === 'emptied' ? Promise.reject(stop) : undefined);
    await expect(log.archive(30n, { limits: { maxEvents: 10 }, onStep })).rejects.toBe(stop);
    expect(await log.state()).toMatchObject({ archived: 10, bodies: EVENTS - 10 });
    expect(await log.archive(30n)).toMatchObject({ from: 10n, end: 30n });
  });

  it('is done by one at a time', async () => {
    const reports = await Promise.all([log.archive(30n, { limits: { maxEvents: 7 } }), log.archive(40n, { limits: { maxEvents: 9 } })]);
    expect(reports.reduce((sum, { from, end }) => sum + end - from, 0n)).toBe(40n);
    expect(await log.state()).toMatchObject({ archived: 40, bodies: EVENTS - 40 });
    await withSession(log.database.url, async (other) => {
      await other.query('SELECT pg_advisory_lock(4712026003)');
      await expect(log.archive(50n)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('another process') });
    });
  });

  it('needs a few grants, for a role that may change nothing else', async () => {
    const archivist = `archivist_${randomBytes(4).toString('hex')}`;
    await log.query(`CREATE ROLE ${archivist} LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA event_store TO ${archivist};
      GRANT SELECT, UPDATE (body), MAINTAIN ON event_store.events TO ${archivist}; GRANT SELECT ON event_store.log_head TO ${archivist};
      GRANT SELECT, INSERT ON event_store.archived_segments TO ${archivist}`);
    const url = Object.assign(new URL(log.database.url), { username: archivist, password: 'secret' }).href;
    expect(await log.archive(30n, { url })).toMatchObject({ end: 30n, vacuumed: true });
    expect(await log.state()).toMatchObject({ archived: 30, bodies: EVENTS - 30 });
    const tampering = withSession(url, (client) => client.query("UPDATE event_store.events SET body = '{}' WHERE position = 40"));
    await expect(tampering).rejects.toMatchObject({ code: '23001' });
    await log.query(`DROP OWNED BY ${archivist} CASCADE; DROP ROLE ${archivist}`);
  });

  it('lets appends and other readers go on meanwhile', async () => {
    const appending = Promise.all(Array.from({ length: 200 }, (_, at) => store.append([appendTo(`thing-${at % 7}`, 'any', someEvent({ at }))])));
    await log.archive(BigInt(EVENTS), { limits: { maxEvents: 5 } });
    await appending;
    expect(await allRecords(store)).toHaveLength(EVENTS + 200);
  });
});
