import { newId } from '@cairn/kernel';
import { createDatabase, startTestService, waitUntil, type TestDatabase, type TestService } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { eventOf } from '../lineage-log.js';
import { modelNames } from '../../src/replay/testing/model-names.js';

const EVERY = 1_000;

describe('digests of read models', () => {
  let database: TestDatabase;
  let registry: TestService;
  let lineage: TestService;
  beforeEach(async () => {
    database = await createDatabase();
    registry = await startTestService(modelNames, { database });
    lineage = await startLineage();
  });
  afterEach(async () => {
    await lineage.close();
    await registry.close();
    await database.drop();
  });

  // No gateway: the one other service that there is stands where lineage asks.
  const startLineage = (settings = {}): Promise<TestService> => startTestService(service, { database, settings, config: { gatewayUrl: registry.url } });

  async function createModel(name: string): Promise<string> {
    const modelId = newId();
    await append(`registered-model-${modelId}`, 'cairn.registry.v1.RegisteredModelCreated', { modelId, name });
    return modelId;
  }

  async function append(stream: string, type: string, data: Record<string, string>): Promise<bigint> {
    const [result] = await lineage.store.append([{ stream, expected: 'any', events: [eventOf(type, data)] }]);
    for (const { running } of [registry, lineage]) await running.parts.stateful!.runner.waitFor(result!.position);
    return result!.position;
  }

  const record = async () => (await lineage.fetchJson('POST', '/lineage/v1/read-model-digests', { services: ['model-registry'] })).body.items[0];
  const replayTo = async (to: string) => (await registry.fetchJson('POST', '/registry/v1/admin/replay', { to })).body;
  const digestsOf = (tables: { table: string; rows: number; digest: string }[]) => tables.map(({ table, rows, digest }) => ({ table, rows, digest }));

  it('are what an auditor gets who replays the log to their position, also when it has gone on since', async () => {
    const first = await createModel('first');
    const recorded = await record();
    expect(recorded).toMatchObject({ service: 'model-registry', position: '0', tables: [{ table: 'model_name', rows: 1 }], event_position: '1' });
    await append(`registered-model-${first}`, 'cairn.registry.v1.AliasMoved', { modelId: first, versionId: 'version-1' });
    await createModel('second');
    const replayed = await replayTo(recorded.position);
    expect(replayed).toMatchObject({ position: '0', compared: false });
    expect(digestsOf(replayed.tables)).toEqual(recorded.tables);
    expect((await record()).tables).not.toEqual(recorded.tables);
  });

  it('find a row that was changed behind the service’s back, and the replay names the column, and the event that last wrote the row', async () => {
    const modelId = await createModel('first');
    const moved = await append(`registered-model-${modelId}`, 'cairn.registry.v1.AliasMoved', { modelId, versionId: 'version-1' });
    await createModel('second');
    await registry.running.parts.stateful!.dataSource.query(`UPDATE model_name SET champion = 'version-2' WHERE name = 'first'`);

    const recorded = await record();
    const replayed = await replayTo(recorded.position);
    expect(digestsOf(replayed.tables)).not.toEqual(recorded.tables);
    expect(replayed).toMatchObject({ position: recorded.position, compared: true, identical: false });
    expect(replayed.tables[0].differences).toEqual([
      {
        key: { model_id: modelId },
        kind: 'changed',
        columns: [{ column: 'champion', live: 'version-2', replayed: 'version-1' }],
        event: { position: String(moved), type: 'cairn.registry.v1.AliasMoved', stream: `registered-model-${modelId}` },
      },
    ]);
  });

  it('of lineage itself stay what they are while digests are recorded', async () => {
    await createModel('first');
    const own = async () => (await lineage.fetchJson('POST', '/lineage/v1/read-model-digests', { services: ['lineage'] })).body.items[0];
    const [one, two] = [await own(), await own()];
    expect(two.tables).toEqual(one.tables);
    const { body } = await lineage.fetchJson('POST', '/lineage/v1/admin/replay', { to: one.position });
    expect(digestsOf(body.tables)).toEqual(one.tables);
    expect(body).toMatchObject({ compared: true, identical: true });
  });

  describe('of a schedule', () => {
    /** Shown by the registry too: a service whose tables are still empty when a round comes is left out of it. */
    const createMany = async (count: number) => {
      const events = Array.from({ length: count }, (_, at) => eventOf('cairn.registry.v1.RegisteredModelCreated', { modelId: newId(), name: `model ${at}` }));
      const [result] = await lineage.store.append([{ stream: `registered-model-${newId()}`, expected: 'none', events }]);
      await registry.running.parts.stateful!.runner.waitFor(result!.position, 90_000);
    };
    const startSchedule = async () => {
      await lineage.close();
      lineage = await startLineage({ CAIRN_DIGEST_EVERY_EVENTS: String(EVERY) });
    };
    const list = async () => (await lineage.fetchJson('GET', '/lineage/v1/read-model-digests?service=model-registry')).body.items;
    const recorded = () =>
      waitUntil('a digest was recorded', async () => {
        const items = await list();
        return items.length > 0 && items;
      });

    it('are recorded whenever the log has grown by so many events', async () => {
      await startSchedule();
      await createMany(EVERY / 2);
      expect(await list()).toEqual([]);
      await createMany(EVERY / 2 + 10);
      const [digest] = await recorded();
      expect(digestsOf((await replayTo(digest.position)).tables)).toEqual(digest.tables);
    });

    it('are recorded too when the log grew while nobody looked', async () => {
      await createMany(EVERY + 10);
      await startSchedule();
      const [digest] = await recorded();
      expect(digestsOf((await replayTo(digest.position)).tables)).toEqual(digest.tables);
    });
  });
});
