import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { fromBinary } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import { derivedId } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { spanRow, traceIdOf, type SpanRow } from '../otlp/span-batch.js';
import { spanColumns, UPSERT_SPANS } from './span-intake.js';

interface Segment {
  readonly segment_id: string;
  readonly workspace: string;
  readonly experiment_id: string;
  readonly digest: string;
}

interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly rows: readonly SpanRow[];
}

/** Above what a segment has at most: its size, and the chunk that went over it. */
const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;

/** Spans of a segment are put below those that came since: they never replace what is there. */
const INSERT_SPANS = UPSERT_SPANS.slice(0, UPSERT_SPANS.indexOf('ON CONFLICT')) + 'ON CONFLICT DO NOTHING';
const INSERT_CHUNKS = `
  INSERT INTO span_chunk (chunk_id, workspace, experiment_id, trace_id, span_count, byte_length, segment_id, digest, byte_offset)
  SELECT chunk_id, $2, $3, trace_id, span_count, byte_length, $1, $4, byte_offset
  FROM unnest($5::uuid[], $6::text[], $7::int[], $8::int[], $9::bigint[]) AS chunk (chunk_id, trace_id, span_count, byte_length, byte_offset)
  WHERE NOT EXISTS (SELECT FROM trace WHERE trace.workspace = $2 AND trace.trace_id = chunk.trace_id AND trace.deleted)
  ON CONFLICT DO NOTHING`;
const MARK_KNOWN = `
  INSERT INTO span_trace (workspace, trace_id, experiment_id, changed_at, pending)
  SELECT DISTINCT workspace, trace_id, experiment_id, now(), false FROM span_chunk WHERE segment_id = $1 ON CONFLICT DO NOTHING`;
const REMOVE_DELETED = `
  DELETE FROM span USING trace WHERE trace.workspace = span.workspace AND trace.trace_id = span.trace_id AND trace.deleted AND span.workspace = $1 AND span.trace_id = ANY($2)`;

/** Makes the tables of spans again from sealed segments, where a restored log has segments that the tables do not know. */
@Injectable()
export class SpanReindex {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  /** Answers how many segments were read. The newest come first: of a span that came twice the last one counts. */
  async reindex(): Promise<number> {
    const segments: Segment[] = await this.dataSource.query(
      `SELECT segment_id, workspace, experiment_id, digest FROM span_segment
       WHERE NOT EXISTS (SELECT FROM span_segment_index known WHERE known.segment_id = span_segment.segment_id)
         AND NOT EXISTS (SELECT FROM span_chunk WHERE span_chunk.segment_id = span_segment.segment_id) ORDER BY position DESC`,
    );
    for (const segment of segments) await this.read(segment);
    return segments.length;
  }

  private async read({ segment_id, workspace, experiment_id, digest }: Segment): Promise<void> {
    const pieces = piecesOf(await this.objects.read(digest as Digest, { maxBytes: MAX_SEGMENT_BYTES }));
    const traceOf = ({ rows }: Piece): string => rows[0]?.traceId ?? '';
    await this.dataSource.transaction(async (manager) => {
      await manager.query(INSERT_CHUNKS, [
        segment_id, workspace, experiment_id, digest, pieces.map(({ offset }) => derivedId('span-chunk', segment_id, String(offset))), pieces.map(traceOf),
        pieces.map(({ rows }) => rows.length), pieces.map(({ length }) => length), pieces.map(({ offset }) => String(offset)),
      ]);
      await manager.query(INSERT_SPANS, spanColumns(pieces.flatMap(({ rows }) => rows.map((row) => ({ workspace, row })))));
      await manager.query(REMOVE_DELETED, [workspace, pieces.map(traceOf)]);
      await manager.query(MARK_KNOWN, [segment_id]);
      await manager.query('INSERT INTO span_segment_index (segment_id) VALUES ($1) ON CONFLICT DO NOTHING', [segment_id]);
    });
  }
}

/** A segment is one TracesData: each of its ResourceSpans is of one trace, and an encoded TracesData again. */
function piecesOf(segment: Uint8Array): Piece[] {
  const reader = new BinaryReader(segment);
  const pieces: Piece[] = [];
  while (reader.pos < reader.len) {
    const offset = reader.pos;
    const [, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited) throw new TypeError('a segment holds ResourceSpans and nothing else');
    reader.bytes();
    const length = reader.pos - offset;
    const { resourceSpans } = fromBinary(otlp.TracesDataSchema, segment.subarray(offset, offset + length));
    const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    const rows = spans.flatMap((span) => {
      const traceId = traceIdOf(span);
      return traceId === undefined ? [] : [spanRow(traceId, span)];
    });
    if (rows.length > 0) pieces.push({ offset, length, rows });
  }
  return pieces;
}
