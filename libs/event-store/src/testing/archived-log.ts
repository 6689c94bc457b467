import { openObjectStore, type ObjectStore } from '@cairn/object-store';
import { MerkleTree } from '@cairn/transparency';
import { archiveLog, type ArchiveOptions } from '../postgres/archive/archive-log.js';
import { PostgresEventStore, type PostgresEventStoreOptions } from '../postgres/postgres-event-store.js';
import type { EventStore, StoredRecord } from '../event-store.js';
import { leafHash } from '../record.js';
import { appendTo, someEvent } from './events.js';
import { withSession } from './session.js';

/** A database that a spec made for itself. */
export interface OwnDatabase {
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
}

/** A log on a database of its own, an object store beside it, and stores that were opened over both. */
export class ArchivedLog {
  private readonly stores: PostgresEventStore[] = [];

  private constructor(
    readonly database: OwnDatabase,
    readonly objectsUrl: string,
    readonly objects: ObjectStore,
  ) {}

  static async open(database: OwnDatabase, objectsFolder: string): Promise<ArchivedLog> {
    const objectsUrl = `file://${objectsFolder}`;
    return new ArchivedLog(database, objectsUrl, await openObjectStore(objectsUrl));
  }

  /** With the object store, unless told otherwise. */
  async store(options: Partial<PostgresEventStoreOptions> = {}): Promise<PostgresEventStore> {
    const store = await PostgresEventStore.open({ url: this.database.url, archive: { objects: this.objects }, ...options });
    this.stores.push(store);
    return store;
  }

  /** Over streams of two categories and events of three types, one of them rare. */
  async fill(store: EventStore, count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      const type = at % 17 === 0 ? 'cairn.test.v1.Rare' : `cairn.test.v1.Type${at % 2}`;
      await store.append([appendTo(at % 5 === 0 ? `run-${at % 3}` : `model-${at % 4}`, 'any', someEvent({ at, text: `žluť ${'x'.repeat(at % 50)}` }, type))]);
    }
  }

  archive(before: bigint, options: Partial<ArchiveOptions> = {}): ReturnType<typeof archiveLog> {
    return archiveLog(before, { url: this.database.url, objects: this.objects, ...options });
  }

  query(sql: string): Promise<Record<string, unknown>[]> {
    return withSession(this.database.url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
  }

  /** How many bodies lie in the table, and how far the archive reaches. */
  async state(): Promise<{ bodies: number; archived: number; size: number }> {
    const [row] = await this.query(`
      SELECT (SELECT count(body) FROM event_store.events)::integer AS bodies, (SELECT size FROM event_store.log_head)::integer AS size,
        (SELECT coalesce(max(end_position), 0) FROM event_store.archived_segments)::integer AS archived`);
    return { bodies: Number(row?.['bodies']), archived: Number(row?.['archived']), size: Number(row?.['size']) };
  }

  async close(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
    await this.objects.close();
    await this.database.drop();
  }
}

/** Every record, read so many at a time. */
export async function allRecords(store: EventStore, limit = 1_000): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for (;;) {
    const { events } = await store.readRecords(BigInt(records.length), { limit });
    if (events.length === 0) return records;
    records.push(...events);
  }
}

/** The RFC 6962 root, base64, of the texts as they are read, not of the leaves that are stored beside them. */
export async function rootOf(store: EventStore): Promise<string> {
  const tree = new MerkleTree();
  for (const { body } of await allRecords(store)) tree.append(leafHash(body));
  return Buffer.from(tree.root()).toString('base64');
}
