import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// eslint-disable-next-line @nx/enforce-module-boundaries -- The store must not know the servers that a laptop runs; this spec has to kill one.
import { startPostgres } from '@cairn/embedded';
import type { ObjectStore } from '@cairn/object-store';
import { createDatabase, tempDir } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredRecord } from '../../event-store.js';
import { allRecords, ArchivedLog } from '../../testing/archived-log.js';
import { inconsistencies } from '../../testing/consistency.js';
import { CuttingProxy, type Cut } from '../../testing/cutting-proxy.js';
import { appendTo, someEvents } from '../../testing/events.js';
import { PostgresEventStore } from '../postgres-event-store.js';
import { archiveLog } from './archive-log.js';

/** More than one transaction takes out, so that a segment can be half done. */
const PER_SEGMENT = 1_200;
const EVENTS = 3_000;
const BEFORE = 2_500n;
const limits = { maxEvents: PER_SEGMENT };
const PROGRAM = join(import.meta.dirname, '../../../dist/testing/dying-archiver.js');

describe('an archiver that fails', () => {
  let log: ArchivedLog;
  let store: PostgresEventStore;
  let records: StoredRecord[];
  beforeEach(async () => {
    log = await ArchivedLog.open(await createDatabase(), tempDir('archive'));
    store = await log.store();
    await store.append([appendTo('thing-a', 'none', ...someEvents(EVENTS / 2)), appendTo('thing-b', 'none', ...someEvents(EVENTS / 2))]);
    records = await allRecords(store);
  });
  afterEach(async () => {
    expect(await inconsistencies(await log.store())).toEqual([]);
    await log.close();
  });

  /** By a reader that has read before, and by one that remembers nothing. */
  const expectReadable = async () => {
    expect(await allRecords(store)).toEqual(records);
    const fresh = await PostgresEventStore.open({ url: log.database.url, archive: { objects: log.objects } });
    expect(await allRecords(fresh)).toEqual(records);
    await fresh.close();
  };
  const expectCompleted = async (from: bigint) => {
    expect(await log.archive(BEFORE, { limits })).toMatchObject({ from, end: BEFORE });
    expect(await log.state()).toEqual({ bodies: EVENTS - Number(BEFORE), archived: Number(BEFORE), size: EVENTS });
    await expectReadable();
  };
  const away = () => Promise.reject(Object.assign(new Error('away'), { code: 'UNAVAILABLE' }));

  it.each([
    ['not stored', false],
    ['but stored', true],
  ])('to write an object, which is %s: nothing is taken out, and the next one does it', async (_, stored) => {
    const put: ObjectStore['put'] = async (...args) => {
      if (stored) await log.objects.put(...args);
      return away();
    };
    await expect(log.archive(BEFORE, { limits, objects: { put, read: (...args) => log.objects.read(...args) } })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await log.state()).toEqual({ bodies: EVENTS, archived: 0, size: EVENTS });
    await expectReadable();
    await expectCompleted(0n);
  });

  it.each([
    ['can not be read', away, 'UNAVAILABLE'],
    ['has other bytes', () => Promise.resolve(Buffer.from('no segment')), 'ARCHIVE_UNREADABLE'],
    ['is not there', () => Promise.reject(Object.assign(new Error('nothing'), { code: 'NOT_FOUND' })), 'ARCHIVE_UNREADABLE'],
  ])('since what was written %s: nothing is taken out', async (_, read, code) => {
    await expect(log.archive(BEFORE, { limits, objects: { put: (...args) => log.objects.put(...args), read } })).rejects.toMatchObject({ code });
    expect(await log.state()).toEqual({ bodies: EVENTS, archived: 0, size: EVENTS });
    await expectCompleted(0n);
  });

  const moments: [string, string, Cut, { archived: number; bodies: number }][] = [
    ['as it records a segment, which is not stored', 'cairn_record_segment', 'before', { archived: 0, bodies: EVENTS }],
    ['as it records a segment, which is stored', 'cairn_record_segment', 'after', { archived: PER_SEGMENT, bodies: EVENTS }],
    ['as it takes bodies out', 'cairn_empty_archived', 'after', { archived: PER_SEGMENT, bodies: EVENTS }],
    ['as it commits that, which is not stored', 'COMMIT', 'before', { archived: PER_SEGMENT, bodies: EVENTS }],
    ['as it commits that, which is stored', 'COMMIT', 'after', { archived: PER_SEGMENT, bodies: EVENTS - 1_000 }],
  ];
  it.each(moments)('since it loses the database %s', async (_, marker, cut, state) => {
    const proxy = await CuttingProxy.start(log.database.url);
    const met = proxy.cutNext(marker, cut);
    await expect(log.archive(BEFORE, { limits, url: proxy.url })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await met;
    await proxy.stop();
    expect(await log.state()).toEqual({ ...state, size: EVENTS });
    await expectReadable();
    await expectCompleted(BigInt(state.archived));
  });

  it('by SIGKILL, at every step of its way: the log can be read, and the next one goes on', async () => {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing. Build it with \`npm run build\`; \`npm test\` does so.`);
    const archiveUntil = async (moment: string): Promise<unknown> => {
      const child = spawn(process.execPath, [PROGRAM, log.database.url, log.objectsUrl, String(BEFORE), String(PER_SEGMENT), moment], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
      return new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? `${code} ${said}`)));
    };
    const left = async (archived: number, bodies: number) => {
      expect(await log.state()).toEqual({ archived, bodies, size: EVENTS });
      await expectReadable();
    };
    for (const moment of ['put', 'kept', 'read', 'stored']) {
      expect(await archiveUntil(moment)).toBe('SIGKILL');
      await left(0, EVENTS);
    }
    expect(await archiveUntil('recorded')).toBe('SIGKILL');
    await left(PER_SEGMENT, EVENTS);
    // What the one before left is taken out first; a part of it is enough to die of.
    expect(await archiveUntil('emptied')).toBe('SIGKILL');
    await left(PER_SEGMENT, EVENTS - 1_000);
    expect(await archiveUntil('stored')).toBe('SIGKILL');
    await left(PER_SEGMENT, EVENTS - PER_SEGMENT);
    expect(await archiveUntil('never')).toBe('0 ');
    await left(Number(BEFORE), EVENTS - Number(BEFORE));
  });
});

it('PostgreSQL is killed as the log is archived, again and again: no event is lost', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-archive-crash-'));
  const postgres = await startPostgres({ dataDir: directory, fromTemplate: true });
  const log = await ArchivedLog.open(await createDatabase(), tempDir('archive'));
  try {
    const store = await PostgresEventStore.open({ url: postgres.url, archive: { objects: log.objects } });
    await store.append([appendTo('thing-a', 'none', ...someEvents(EVENTS))]);
    const records = await allRecords(store);
    for (const fatal of ['stored', 'recorded', 'emptied'] as const) {
      let killed: Promise<void> | undefined;
      const archiving = archiveLog(BEFORE, {
        url: postgres.url,
        objects: log.objects,
        limits: { maxEvents: 500 },
        onStep: ({ step }) => {
          if (step === fatal) killed ??= postgres.kill();
        },
      });
      await expect(archiving).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await killed;
      await postgres.restart();
      expect(await allRecords(store)).toEqual(records);
    }
    expect(await archiveLog(BEFORE, { url: postgres.url, objects: log.objects })).toMatchObject({ end: BEFORE });
    expect(await allRecords(store)).toEqual(records);
    expect(await inconsistencies(store)).toEqual([]);
    await store.close();
  } finally {
    await log.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});
