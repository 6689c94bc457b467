import { join } from 'node:path';
import { PostgresEventStore, type NewEvent } from '@cairn/event-store';
import { newId, type JsonObject } from '@cairn/kernel';
import { openReadModel } from '@cairn/read-model';
import { createDatabase, tempDir, type TestDatabase } from '@cairn/testing';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { CheckpointSigner } from '../src/transparency/integrator/checkpoint-signer.js';
import { LogIntegrator } from '../src/transparency/integrator/log-integrator.js';
import { openLogKey, type LogKey } from '../src/transparency/integrator/log-key.js';
import { service } from '../src/app.module.js';
import { DirectPublisher } from '../src/transparency/publishing/direct-publisher.js';
import { TreeStore } from '../src/transparency/tree/tree-store.js';

/** A log with its tree on a database of its own, and the things that a falsifier has: the database, but not the data folder. */
export class LineageLog {
  private constructor(
    readonly database: TestDatabase,
    public store: PostgresEventStore,
    readonly dataSource: DataSource,
    readonly tree: TreeStore,
    readonly dataDir: string,
    readonly key: LogKey,
  ) {}

  /** With `dataDir`, the folder of an earlier log: what it signed is remembered. */
  static async open(dataDir = tempDir('lineage')): Promise<LineageLog> {
    const database = await createDatabase();
    const store = await PostgresEventStore.open({ url: database.url });
    const dataSource = await openReadModel({ url: database.url, schema: 'lineage', entities: [], migrations: [...(service.migrations ?? [])] });
    const key = await openLogKey({ path: join(dataDir, 'log.key'), mustExist: false });
    return new LineageLog(database, store, dataSource, new TreeStore(dataSource), dataDir, key);
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.dataSource.destroy();
    await this.database.drop();
  }

  /** As a service that starts again: nothing remembered of the log's length. */
  async reopenStore(): Promise<void> {
    await this.store.close();
    this.store = await PostgresEventStore.open({ url: this.database.url });
  }

  get checkpointPath(): string {
    return join(this.dataDir, 'signed-checkpoint');
  }

  signer(): Promise<CheckpointSigner> {
    return CheckpointSigner.open(this.key, this.checkpointPath);
  }

  /** Runs an integrator until `done` answers true, or until it fails by itself. */
  async integrateUntil(done: () => Promise<boolean>, signer?: CheckpointSigner): Promise<void> {
    const stop = new AbortController();
    const signs = signer ?? (await this.signer());
    const integrator = new LogIntegrator({ store: this.store, tree: this.tree, signer: signs, publisher: new DirectPublisher(this.tree, signs), signIntervalMs: 10 });
    const running = integrator.run(stop.signal);
    const watching = (async () => {
      while (!stop.signal.aborted && !(await done())) await new Promise((resolve) => setTimeout(resolve, 5));
    })();
    try {
      await Promise.race([running, watching]);
    } finally {
      stop.abort();
      await Promise.allSettled([running, watching]);
    }
  }

  /** Until everything that is in the log is signed. */
  async integrate(): Promise<void> {
    const size = await this.store.size();
    await this.integrateUntil(async () => ((await this.tree.head()).published?.size ?? 0n) >= size);
  }

  async append(count: number): Promise<void> {
    for (let at = 0; at < count; at += 500) {
      const events = Array.from({ length: Math.min(500, count - at) }, (_, index) =>
        eventOf('cairn.catalog.v1.DatasetVersionQuarantined', { versionId: newId(), reason: `event ${at + index}` }),
      );
      await this.store.append([{ stream: `dataset-version-${newId()}`, expected: 'none', events }]);
    }
  }

  /** What a superuser can do, with the guards of the tables switched off. */
  async asSuperuser(sql: string, parameters: unknown[] = []): Promise<void> {
    const client = new pg.Client({ connectionString: this.database.url });
    await client.connect();
    try {
      await client.query('ALTER TABLE event_store.events DISABLE TRIGGER ALL; ALTER TABLE event_store.log_head DISABLE TRIGGER ALL;');
      await client.query('GRANT ALL ON event_store.events, event_store.log_head TO CURRENT_USER');
      await client.query(sql, parameters);
    } finally {
      await client.end();
    }
  }

  /** The database as it was when it had `size` events, as a backup would bring it back; tiles and head included. */
  async rollBackTo(size: number, withTree: boolean): Promise<void> {
    await this.asSuperuser(`DELETE FROM event_store.events WHERE position >= ${size}`);
    await this.asSuperuser(`UPDATE event_store.log_head SET size = ${size}`);
    if (withTree) await this.asSuperuser('DELETE FROM lineage.log_tile; UPDATE lineage.log_head SET tree_size = 0, signed_size = 0, note = NULL;');
  }
}

export function eventOf(type: string, data: JsonObject): NewEvent {
  return {
    id: newId(),
    type,
    data,
    meta: { source: '/test', workspace: 'default', actor: { principal: 'tester' }, correlationId: newId() },
  };
}
