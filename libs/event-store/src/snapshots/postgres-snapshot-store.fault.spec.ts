import { streamName } from '@cairn/kernel';
import { createDatabase, waitUntil, type TestDatabase } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandHandler } from '../command-handler.js';
import { PostgresEventStore } from '../postgres/postgres-event-store.js';
import { inconsistencies } from '../testing/consistency.js';
import { CuttingProxy, type Cut } from '../testing/cutting-proxy.js';
import { keptAliases, moveAliases } from '../testing/kept-aliases.js';
import { withSession } from '../testing/session.js';
import { PostgresSnapshotStore } from './postgres-snapshot-store.js';

const id = '01900000-0000-7000-8000-0000000000a1';
const stream = streamName('model', id);
const named = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => `alias-${from + index}`);

describe('the connection to the snapshots is cut', () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  let log: PostgresEventStore;
  let snapshots: PostgresSnapshotStore;
  let direct: PostgresSnapshotStore;
  let failures: unknown[];
  const started = (store = snapshots) => new CommandHandler(log, '/test', undefined, { store, onFailure: (error) => failures.push(error) });
  const move = (handler: CommandHandler, ...aliases: string[]) => handler.handle(keptAliases, moveAliases(aliases), { id });

  beforeEach(async () => {
    failures = [];
    database = await createDatabase();
    proxy = await CuttingProxy.start(database.url);
    log = await PostgresEventStore.open({ url: database.url });
    [snapshots, direct] = [new PostgresSnapshotStore(proxy.url), new PostgresSnapshotStore(database.url)];
    // Made by one of another stream, so that the next save is one statement.
    await direct.save({ stream: 'other', version: 1, revision: 0n, body: '', checksum: '' });
    await move(started(), ...named(0, 25));
  });
  afterEach(async () => {
    expect(await inconsistencies(log)).toEqual([]);
    await Promise.all([log.close(), snapshots.close(), direct.close()]);
    await proxy.stop();
    await database.drop();
  });

  it.each<[string, Cut, boolean]>([
    ['before one was saved', 'before', false],
    ['after one was saved, and the answer is lost', 'after', true],
    ['without a word, before one was saved', 'silent', false],
  ])('%s: commands go on, and a restarted process knows the same', async (_, cut, isStored) => {
    const met = proxy.cutNext('cairn_save_snapshot', cut);
    const handler = started();
    expect(await move(handler, 'a')).toMatchObject({ revision: 25n });
    await met;
    expect(await move(handler, 'b')).toMatchObject({ revision: 26n });
    await waitUntil('the failure is told', () => failures.length > 0);
    expect((await direct.find(stream, 1))?.revision).toBe(isStored ? 24n : undefined);
    const { state } = await started().state(keptAliases, id);
    expect(state).toEqual([...named(0, 25), 'a', 'b']);
    await waitUntil('one is saved', () => direct.find(stream, 1));
  });

  it.each<[string, Cut]>([
    ['before one was found', 'before'],
    ['after one was found, and the answer is lost', 'after'],
    ['without a word, while one is looked for', 'silent'],
  ])('%s: the stream is read from its beginning', async (_, cut) => {
    await started(direct).state(keptAliases, id);
    await waitUntil('one is saved', () => direct.find(stream, 1));
    const met = proxy.cutNext('cairn_find_snapshot', cut);
    const handler = started();
    expect(await move(handler, 'a')).toMatchObject({ revision: 25n, state: [...named(0, 25), 'a'] });
    await met;
    expect(failures).toMatchObject([{ code: 'UNAVAILABLE' }]);
  });

  it('for ever, and the tables are gone: nothing is missing', async () => {
    await started(direct).state(keptAliases, id);
    await waitUntil('one is saved', () => direct.find(stream, 1));
    const handler = started();
    await handler.state(keptAliases, id);
    proxy.isolate();
    await withSession(database.url, (client) => client.query('DROP SCHEMA snapshots CASCADE'));
    for (let at = 25; at < 75; at += 10) expect(await move(handler, ...named(at, 10))).toMatchObject({ revision: BigInt(at + 9) });
    expect((await started().state(keptAliases, id)).state).toEqual(named(0, 75));
    proxy.restore();
    await started().state(keptAliases, id);
    await waitUntil('one is saved again', async () => (await direct.find(stream, 1))?.revision === 74n);
  });
});
