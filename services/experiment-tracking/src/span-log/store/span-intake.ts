import { DomainError, newId } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { SpanBatch, SpanRow } from '../otlp/span-batch.js';

/** Where spans belong. */
export interface SpanOwner {
  readonly workspace: string;
  readonly experimentId: string;
}

interface Waiting {
  readonly owner: SpanOwner;
  readonly batch: SpanBatch;
  readonly sizeBytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What one transaction stores: larger groups would hold the ones behind them up. */
const GROUP_BYTES = 4 * 1024 * 1024;
const GROUP_REQUESTS = 128;
/** What may wait in this process while the database is slow. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

const INSERT_CHUNKS = `
  INSERT INTO span_chunk (chunk_id, workspace, experiment_id, trace_id, span_count, byte_length, bytes)
  SELECT chunk_id, workspace, experiment_id, trace_id, span_count, length(bytes), bytes
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::int[], $6::bytea[]) AS chunk (chunk_id, workspace, experiment_id, trace_id, span_count, bytes)`;

export const UPSERT_SPANS = `
  INSERT INTO span (workspace, trace_id, span_id, parent_span_id, name, type, status, start_time_ns, end_time_ns, attributes, token_usage, cost, model_name, model_provider)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::jsonb[], $11::jsonb[],
    $12::jsonb[], $13::text[], $14::text[])
  ON CONFLICT (workspace, trace_id, span_id) DO UPDATE SET parent_span_id = excluded.parent_span_id, name = excluded.name, type = excluded.type,
    status = excluded.status, start_time_ns = excluded.start_time_ns, end_time_ns = excluded.end_time_ns, attributes = excluded.attributes,
    token_usage = excluded.token_usage, cost = excluded.cost, model_name = excluded.model_name, model_provider = excluded.model_provider`;

export const MARK_PENDING = `
  INSERT INTO span_trace (workspace, trace_id, experiment_id, changed_at, pending)
  SELECT DISTINCT ON (workspace, trace_id) workspace, trace_id, experiment_id, clock_timestamp(), true
  FROM unnest($1::text[], $2::text[], $3::uuid[]) AS told (workspace, trace_id, experiment_id) ORDER BY workspace, trace_id
  ON CONFLICT (workspace, trace_id) DO UPDATE SET changed_at = excluded.changed_at, pending = true`;

/**
 * Takes spans in. They are on disk, and every process of the service can show them, when `store` resolves. What comes while a transaction runs goes into
 * the next one together, so that many small exports share one wait for the disk.
 */
@Injectable()
export class SpanIntake {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private running = false;

  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Throws DomainError SPANS_WAITING when too much waits for the database. The same spans again replace themselves. */
  store(owner: SpanOwner, batch: SpanBatch): Promise<void> {
    if (batch.chunks.length === 0) return Promise.resolve();
    const sizeBytes = batch.chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (this.waitingBytes + sizeBytes > MAX_WAITING_BYTES) {
      throw new DomainError('SPANS_WAITING', 'Too many spans wait to be stored. Send these again in a moment.', 'busy');
    }
    this.waitingBytes += sizeBytes;
    return new Promise((resolve, reject) => {
      this.waiting.push({ owner, batch, sizeBytes, resolve, reject });
      if (!this.running) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.running = true;
    for (let group = this.nextGroup(); group.length > 0; group = this.nextGroup()) {
      await this.storeGroup(group);
      for (const { sizeBytes } of group) this.waitingBytes -= sizeBytes;
    }
    this.running = false;
  }

  private nextGroup(): Waiting[] {
    let [count, bytes] = [0, 0];
    for (const { sizeBytes } of this.waiting) {
      if (count > 0 && (bytes + sizeBytes > GROUP_BYTES || count >= GROUP_REQUESTS)) break;
      count += 1;
      bytes += sizeBytes;
    }
    return this.waiting.splice(0, count);
  }

  /** One that can't be stored must not fail its neighbours: they are tried alone then. */
  private async storeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.dataSource.transaction((manager) => insert(manager, group));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length > 1 && isAboutData(error)) for (const one of group) await this.storeGroup([one]);
      else for (const { reject } of group) reject(error);
    }
  }
}

/** SQLSTATE classes 22 and 23: something in the rows, not the database as such. */
function isAboutData(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}

async function insert(manager: EntityManager, group: readonly Waiting[]): Promise<void> {
  // A role may have it off by default; what is acknowledged is on disk.
  await manager.query('SET LOCAL synchronous_commit = on');
  const chunks = group.flatMap(({ owner, batch }) => batch.chunks.map((chunk) => ({ ...owner, ...chunk })));
  const columns = [chunks.map(({ workspace }) => workspace), chunks.map(({ traceId }) => traceId), chunks.map(({ experimentId }) => experimentId)];
  const [workspaces, traceIds, experimentIds] = columns;
  await manager.query(INSERT_CHUNKS, [
    chunks.map(() => newId()), workspaces, experimentIds, traceIds, chunks.map(({ spanCount }) => spanCount), chunks.map(({ bytes }) => Buffer.from(bytes)),
  ]);
  await manager.query(UPSERT_SPANS, spanColumns(group.flatMap(({ owner, batch }) => batch.rows.map((row) => ({ workspace: owner.workspace, row })))));
  await manager.query(MARK_PENDING, columns);
}

/** The last of several with the same id counts; in the order of their keys, so that two transactions never wait for each other. */
export function spanColumns(spans: readonly { readonly workspace: string; readonly row: SpanRow }[]): unknown[] {
  const last = new Map(spans.map((span) => [`${span.workspace} ${span.row.traceId} ${span.row.spanId}`, span]));
  const rows = [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, span]) => span);
  const column = (of: (row: SpanRow) => string | undefined): (string | null)[] => rows.map(({ row }) => of(row) ?? null);
  const json = (figures: object | undefined): string | undefined => (figures === undefined ? undefined : JSON.stringify(figures));
  return [
    rows.map(({ workspace }) => workspace), column(({ traceId }) => traceId), column(({ spanId }) => spanId), column(({ parentSpanId }) => parentSpanId),
    column(({ name }) => name), column(({ type }) => type), column(({ status }) => status), column(({ startTimeNs }) => String(startTimeNs)),
    column(({ endTimeNs }) => String(endTimeNs)), column(({ attributes }) => JSON.stringify(attributes)), column(({ figures }) => json(figures.tokenUsage)),
    column(({ figures }) => json(figures.cost)), column(({ figures }) => figures.modelName), column(({ figures }) => figures.modelProvider),
  ];
}
