import { once } from 'node:events';
import { from as copyFrom } from 'pg-copy-streams';
import { Client } from 'pg';
import type { StoredRecord } from '@cairn/event-store';
import { benchRecords, nextId } from './bench-event.js';
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
  return {
    contestants: contestants.map(({ name, table, insert }) => {
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

type Values = [position: number, stream: string, revision: number, id: string, type: string, body: string, leaf: Uint8Array];

function valuesOf(templates: readonly StoredRecord[], position: number): Values {
  const { type, body, leaf } = templates[position % templates.length] as StoredRecord;
  return [position, `run-01900000-0000-7000-8000-${String(position % STREAMS).padStart(12, '0')}`, Math.floor(position / STREAMS), nextId(), type, body, leaf];
}

async function insertBatch(client: Client, table: string, templates: readonly StoredRecord[], from: number): Promise<number> {
  const values = Array.from({ length: BATCH }, (_, index) => valuesOf(templates, from + index));
  const rows = values.map((row, index) => `(${row.map((_value, column) => `$${index * row.length + column + 1}`).join(', ')})`);
  await client.query({ name: table, text: `INSERT INTO ${table} (${COLUMNS}) VALUES ${rows.join(', ')}`, values: values.flat() });
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
