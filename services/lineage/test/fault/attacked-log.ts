import { createDatabase, startTestService, tempDir, waitUntil, type JsonAnswer, type TestDatabase, type TestService } from '@cairn/testing';
import { openCheckpoint, parseVerifier, tilesByPath, type Checkpoint, type LogEntry, type TileSource } from '@cairn/transparency';
import pg from 'pg';
import { service } from '../../src/app.module.js';
import { eventOf } from '../lineage-log.js';

/** What an outsider has copied before an attack: a signed checkpoint, and the tiles below it. */
export interface KeptEvidence {
  readonly note: string;
  readonly verifierKey: string;
  readonly checkpoint: Checkpoint;
  readonly tiles: TileSource;
}

/** Events per stream: enough that two streams can change places, few enough that a log has many streams. */
const PER_STREAM = 4;

/** A service that keeps a log, and somebody with superuser rights on its database. */
export class AttackedLog {
  private constructor(
    readonly database: TestDatabase,
    readonly dataDir: string,
    private running: TestService,
  ) {}

  /** With `dataDir`, under the key and the memory of another log's folder. */
  static async open(dataDir = tempDir('attacked')): Promise<AttackedLog> {
    const database = await createDatabase();
    return new AttackedLog(database, dataDir, await start(database, dataDir));
  }

  async close(): Promise<void> {
    await this.running.close();
    await this.database.drop();
  }

  async stop(): Promise<void> {
    await this.running.close();
  }

  /** As after a stop: nothing is remembered but what is in the database and in the data folder. */
  async start(): Promise<void> {
    this.running = await start(this.database, this.dataDir);
  }

  get url(): string {
    return this.running.url;
  }

  /** Appends `count` events, four to a stream named `dataset-version-<uuid>` by the number of the stream, and waits until all are signed. */
  async append(count: number, words = 'as it was'): Promise<void> {
    const from = Number(await this.running.store.size());
    for (let at = from; at < from + count; at += PER_STREAM) {
      const events = Array.from({ length: Math.min(PER_STREAM, from + count - at) }, (_, index) =>
        eventOf('cairn.catalog.v1.DatasetVersionQuarantined', { versionId: streamOf(at).slice(-36), reason: `event ${at + index} ${words}` }),
      );
      await this.running.store.append([{ stream: streamOf(at), expected: 'none', events }]);
    }
    await this.signed(from + count);
  }

  signed(size: number): Promise<unknown> {
    return waitUntil(`${size} events are signed`, async () => (await this.size()).signed_size === String(size));
  }

  async size(): Promise<JsonAnswer['body']> {
    return (await this.get('/lineage/v1/log/size')).body;
  }

  get(path: string): Promise<JsonAnswer> {
    return this.running.fetchJson('GET', path);
  }

  async verify(): Promise<JsonAnswer['body']> {
    return (await this.running.fetchJson('POST', '/lineage/v1/log/verify')).body;
  }

  /** The refusal of the integrator, once it has looked. */
  refusal(): Promise<JsonAnswer['body']> {
    return waitUntil('it refuses to sign', async () => (await this.size()).refusal);
  }

  /** Tiles as they are served, read when asked for. */
  get servedTiles(): TileSource {
    return tilesByPath(async (path) => {
      const response = await fetch(`${this.url}/${path}`);
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    });
  }

  /** What an auditor takes home: copies, which later changes do not reach. */
  async keep(): Promise<KeptEvidence> {
    const note: string = (await this.get('/checkpoint')).body;
    const verifierKey: string = (await this.get('/lineage/v1/log/key')).body.trim();
    const checkpoint = openCheckpoint(note, parseVerifier(verifierKey));
    const copies = new Map<string, Uint8Array>();
    const rows = await this.query<{ level: number; index: string; hashes: Buffer }>('SELECT level, index, hashes FROM lineage.log_tile');
    for (const { level, index, hashes } of rows) copies.set(`${level}/${index}`, new Uint8Array(hashes));
    return { note, verifierKey, checkpoint, tiles: { tiles: async (ids) => ids.map(({ level, index }) => copies.get(`${level}/${index}`)) } };
  }

  /** The log as it reads now, for a check against kept evidence. */
  async *entries(): AsyncGenerator<readonly LogEntry[]> {
    const rows = await this.query<{ position: string; body: string }>('SELECT position, body FROM event_store.events ORDER BY position');
    yield rows.map(({ position, body }) => ({ position: BigInt(position), body }));
  }

  /** Lines of an export, in the order of the log. */
  async *lines(): AsyncGenerator<string> {
    for await (const batch of this.entries()) for (const { position, body } of batch) yield JSON.stringify({ position: String(position), body });
  }

  async proof(from: bigint, to: bigint): Promise<Uint8Array[]> {
    const { body } = await this.get(`/lineage/v1/log/consistency?from=${from}&to=${to}`);
    return body.proof.map((hash: string) => Buffer.from(hash, 'base64'));
  }

  /** Whatever a superuser can do once the guards are off. */
  async attack(sql: string): Promise<void> {
    await this.query(`
      ALTER TABLE event_store.events DISABLE TRIGGER ALL; ALTER TABLE event_store.log_head DISABLE TRIGGER ALL;
      GRANT ALL ON event_store.events, event_store.log_head TO CURRENT_USER`);
    await this.query(sql);
  }

  async query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.database.url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }
}

/** Name of the stream that holds position `at` of an untouched log. */
export function streamOf(at: number): string {
  return `dataset-version-00000000-0000-7000-8000-${String(Math.floor(at / PER_STREAM)).padStart(12, '0')}`;
}

/** The leaf column as an attacker who knows the format makes it again: without it the stored hash alone would tell. */
export const HASH_AGAIN = `UPDATE event_store.events SET leaf = sha256('\\x00'::bytea || convert_to(body, 'UTF8'));`;

/** What a thorough attacker removes so that everything is made anew from the falsified events. */
export const FORGET_TREE = 'DELETE FROM lineage.log_tile; UPDATE lineage.log_head SET tree_size = 0, signed_size = 0, note = NULL;';

function start(database: TestDatabase, dataDir: string): Promise<TestService> {
  return startTestService(service, { database, settings: { CAIRN_LOG_SIGN_INTERVAL_MS: '20' }, config: { dataDir } });
}
