import { newId } from '@cairn/kernel';
import { createDatabase } from '@cairn/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Inbox } from './inbox.js';

let database: Awaited<ReturnType<typeof createDatabase>>;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createDatabase();
  dataSource = await new DataSource({ type: 'postgres', url: database.url, extra: { options: '-c synchronous_commit=off' } }).initialize();
  await dataSource.query('CREATE TABLE effect (event_id uuid NOT NULL)');
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});
beforeEach(async () => {
  await dataSource.query('TRUNCATE effect');
});

const effects = async () => Number((await dataSource.query<{ n: string }[]>('SELECT count(*) AS n FROM effect'))[0]?.n);
const newInbox = () => new Inbox(dataSource, 'serving');

describe('the inbox', () => {
  it('lets an effect happen once per handler and event', async () => {
    const inbox = newInbox();
    const id = newId();
    const once = (handler: string) => inbox.once(handler, id, async (manager) => void (await manager.query('INSERT INTO effect VALUES ($1)', [id])));
    expect(await once('a')).toBe(true);
    expect(await once('a')).toBe(false);
    expect(await once('b')).toBe(true);
    expect(await effects()).toBe(2);
  });

  it('lets one of many at the same time do it, also when they come from several processes that all start', async () => {
    const id = newId();
    const ran = await Promise.all(
      Array.from({ length: 8 }, () => new Inbox(dataSource, 'fresh').once('a', id, async (manager) => void (await manager.query('INSERT INTO effect VALUES ($1)', [id])))),
    );
    expect(ran.filter(Boolean)).toHaveLength(1);
    expect(await effects()).toBe(1);
  });

  it('keeps neither effect nor row of work that fails', async () => {
    const inbox = newInbox();
    const id = newId();
    const failing = inbox.once('a', id, async (manager) => {
      await manager.query('INSERT INTO effect VALUES ($1)', [id]);
      throw new Error('after the effect');
    });
    await expect(failing).rejects.toThrow('after the effect');
    expect(await effects()).toBe(0);
    expect(await inbox.once('a', id, async () => undefined)).toBe(true);
  });

  it('commits to disk although the read model does not wait for it', async () => {
    const inbox = newInbox();
    let setting = '';
    await inbox.once('a', newId(), async (manager) => {
      setting = (await manager.query<{ synchronous_commit: string }[]>('SHOW synchronous_commit'))[0]?.synchronous_commit ?? '';
    });
    expect(setting).toBe('on');
    expect(await dataSource.query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'off' }]);
  });
});
