import { once } from 'node:events';
import { from as copyFrom } from 'pg-copy-streams';
import { Client } from 'pg';
import type { StoredRecord } from '@cairn/event-store';
import { benchEvent, benchRecords, nextId } from './bench-event.js';
import type { Contestant } from './measure.js';

const BATCH = 256;
const COPY_ROWS = 10_000;
const STREAMS = 256;
const COLUMNS = 'position, stream, revision, event_id, type, body, leaf';

export interface Rivals {
  readonly contestants: readonly Contestant[];
  readonly close: () => Promise<void>;
}

/**
 * What others do with rows that are ready: into tables with the same columns and keys as the log, on one connection, without canonical form, hash, head
 * row, notification or answer per writer.
 */
export async function openRivals(url: string): Promise<Rivals> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const templates = await benchRecords(BATCH);
  const contestants = [
    { name: `batched INSERT, ${BATCH} rows`, table: 'bench_batched', insert: insertBatch },
    { name: 'one INSERT per event', table: 'bench_single', insert: insertOne },
    { name: `COPY, ${COPY_ROWS.toLocaleString('en')} rows`, table: 'bench_copy', insert: copyMany },
  ];
  for (const { table } of contestants) await client.query(`CREATE TABLE ${table} (LIKE event_store.events INCLUDING CONSTRAINTS INCLUDING INDEXES)`);
  await client.query(PLAIN_TABLE);
  const plain = { name: PLAIN_BATCH, table: 'bench_plain', insert: insertPlain };
  return {
    contestants: [...contestants, plain].map(({ name, table, insert }) => {
      let stored = 0;
      const run = async (forMs: number): Promise<number> => {
        const before = stored;
        for (const startedAtMs = performance.now(); performance.now() - startedAtMs < forMs; ) stored += await insert(client, table, templates, stored);
        return stored - before;
      };
      return { name, run };
    }),
    close: () => client.end(),
  };
}

/**
 * The same events stored as most event stores do, in batches as large: serialized as they come, as jsonb, positions from a sequence. What the log does beyond
 * it is the price of evidence.
 */
export const PLAIN_BATCH = `plain events, ${BATCH} rows`;
const PLAIN_TABLE = `CREATE TABLE bench_plain (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream text NOT NULL, revision bigint NOT NULL, event_id uuid NOT NULL UNIQUE, type text NOT NULL,
  data jsonb NOT NULL, meta jsonb NOT NULL, UNIQUE (stream, revision))`;
const PLAIN_COLUMNS = 'stream, revision, event_id, type, data, meta';

type Values = [position: number, stream: string, revision: number, id: string, type: string, body: string, leaf: Uint8Array];

function valuesOf(templates: readonly StoredRecord[], position: number): Values {
  const { type, body, leaf } = templates[position % templates.length] as StoredRecord;
  return [position, streamOf(position), Math.floor(position / STREAMS), nextId(), type, body, leaf];
}

function streamOf(position: number): string {
  return `run-01900000-0000-7000-8000-${String(position % STREAMS).padStart(12, '0')}`;
}

async function insertBatch(client: Client, table: string, templates: readonly StoredRecord[], from: number): Promise<number> {
  const values = Array.from({ length: BATCH }, (_, index) => valuesOf(templates, from + index));
  const rows = values.map((row, index) => `(${row.map((_value, column) => `$${index * row.length + column + 1}`).join(', ')})`);
  await client.query({ name: table, text: `INSERT INTO ${table} (${COLUMNS}) VALUES ${rows.join(', ')}`, values: values.flat() });
  return BATCH;
}

async function insertPlain(client: Client, table: string, _templates: readonly StoredRecord[], from: number): Promise<number> {
  const events = Array.from({ length: BATCH }, benchEvent);
  const columns = [
    events.map((_event, index) => streamOf(from + index)),
    events.map((_event, index) => Math.floor((from + index) / STREAMS)),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ data }) => JSON.stringify(data)),
    events.map(({ meta }) => JSON.stringify(meta)),
  ];
  const unnest = 'unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::jsonb[], $6::jsonb[])';
  await client.query({ name: table, text: `INSERT INTO ${table} (${PLAIN_COLUMNS}) SELECT * FROM ${unnest}`, values: columns });
  return BATCH;
}

async function insertOne(client: Client, table: string, templates: readonly StoredRecord[], from: number): Promise<number> {
  await client.query({ name: table, text: `INSERT INTO ${table} (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)`, values: valuesOf(templates, from) });
  return 1;
}

async function copyMany(client: Client, table: string, templates: readonly StoredRecord[], from: number): Promise<number> {
  const stream = client.query(copyFrom(`COPY ${table} (${COLUMNS}) FROM STDIN`));
  for (let sent = 0; sent < COPY_ROWS; sent += BATCH) {
    let lines = '';
    for (let index = sent; index < Math.min(sent + BATCH, COPY_ROWS); index += 1) {
      const [position, stream, revision, id, type, body, leaf] = valuesOf(templates, from + index);
      lines += `${position}\t${stream}\t${revision}\t${id}\t${type}\t${body.replaceAll('\\', '\\\\')}\t\\\\x${Buffer.from(leaf).toString('hex')}\n`;
    }
    if (!stream.write(lines)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
  return COPY_ROWS;
}
