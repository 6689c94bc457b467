import { open } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import { DomainError } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

interface ChunkPlace {
  readonly trace_id: string;
  readonly byte_length: number;
  /** Null when it is sealed. */
  readonly bytes: Buffer | null;
  readonly digest: string | null;
  readonly byte_offset: string | null;
}

/** What one answer may hold: it is in memory as a whole. */
const MAX_READ_BYTES = 64 * 1024 * 1024;

/** The spans of traces, from the table or from the segment where they lie. */
@Injectable()
export class SpanReader {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  /** Roots first, then by start; of a span that came twice the last one. Throws DomainError SPANS_TOO_LARGE. */
  async spansOf(workspace: string, traceIds: readonly string[]): Promise<ReadonlyMap<string, readonly otlp.Span[]>> {
    const [total]: { bytes: string }[] = await this.dataSource.query(
      'SELECT coalesce(sum(byte_length), 0) AS bytes FROM span_chunk WHERE workspace = $1 AND trace_id = ANY($2)', [workspace, traceIds],
    );
    if (Number(total?.bytes) > MAX_READ_BYTES) {
      throw new DomainError('SPANS_TOO_LARGE', `The spans asked for have more than ${MAX_READ_BYTES / 1024 / 1024} MiB: ask for fewer traces at once.`, 'invalid');
    }
    const chunks: ChunkPlace[] = await this.dataSource.query(
      'SELECT trace_id, byte_length, bytes, digest, byte_offset FROM span_chunk WHERE workspace = $1 AND trace_id = ANY($2) ORDER BY trace_id, chunk_id',
      [workspace, traceIds],
    );
    const found = new Map<string, Map<string, otlp.Span>>();
    for (const [index, bytes] of (await this.bytesOf(chunks)).entries()) {
      const { trace_id = '' } = chunks[index] ?? {};
      const spans = found.get(trace_id) ?? new Map<string, otlp.Span>();
      for (const span of spansIn(bytes)) spans.set(Buffer.from(span.spanId).toString('hex'), span);
      found.set(trace_id, spans);
    }
    return new Map([...found].map(([traceId, spans]) => [traceId, [...spans.values()].sort(rootFirst)]));
  }

  /** In the order of the chunks; every segment is opened once. */
  private async bytesOf(chunks: readonly ChunkPlace[]): Promise<Uint8Array[]> {
    const bytes: Uint8Array[] = chunks.map((chunk) => chunk.bytes ?? new Uint8Array(0));
    const digests = new Set(chunks.flatMap(({ digest, bytes: here }) => (here === null && digest !== null ? [digest] : [])));
    for (const digest of digests) {
      const file = await open(await this.objects.localPath(digest as Digest), 'r');
      try {
        for (const [index, chunk] of chunks.entries()) {
          if (chunk.bytes !== null || chunk.digest !== digest) continue;
          const read = Buffer.alloc(chunk.byte_length);
          await file.read(read, 0, chunk.byte_length, Number(chunk.byte_offset));
          bytes[index] = read;
        }
      } finally {
        await file.close();
      }
    }
    return bytes;
  }
}

function spansIn(bytes: Uint8Array): otlp.Span[] {
  const { resourceSpans } = fromBinary(otlp.TracesDataSchema, bytes);
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function rootFirst(a: otlp.Span, b: otlp.Span): number {
  const roots = Number(b.parentSpanId.length === 0) - Number(a.parentSpanId.length === 0);
  return roots !== 0 ? roots : a.startTimeUnixNano < b.startTimeUnixNano ? -1 : a.startTimeUnixNano > b.startTimeUnixNano ? 1 : 0;
}
