import { CommandHandler } from '@cairn/event-store';
import { newId, type Clock, type CommandMeta } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import { CLOCK, OBJECT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { spanLog } from '../domain/decider.js';
import type { SpanOwner } from './span-intake.js';

interface PlannedChunk {
  readonly chunk_id: string;
  readonly workspace: string;
  readonly experiment_id: string;
  readonly trace_id: string;
  readonly span_count: number;
  readonly received_at: Date;
  /** Null when another process has finished the segment. */
  readonly bytes: Buffer | null;
}

/** A segment is made of at most so much: it is put together in memory. */
const SEGMENT_BYTES = 4 * 1024 * 1024;
const SEGMENT_CHUNKS = 10_000;
const SEGMENT_AGE_SECONDS = 60;
const SEALER = 'experiment-tracking';

/** Takes what is not planned yet, in order, up to the size of a segment. Of two that plan at once, each chunk goes to one. */
const PLAN = `
  UPDATE span_chunk SET segment_id = $1 WHERE segment_id IS NULL AND chunk_id IN (
    SELECT chunk_id FROM (
      SELECT chunk_id, sum(byte_length) OVER (ORDER BY chunk_id) - byte_length AS before
      FROM (SELECT chunk_id, byte_length FROM span_chunk WHERE segment_id IS NULL AND workspace = $2 AND experiment_id = $3 ORDER BY chunk_id LIMIT ${SEGMENT_CHUNKS}) AS open
    ) AS summed WHERE before < ${SEGMENT_BYTES})`;

/** What is sealed needs no bytes here; what was deleted while it was being sealed goes away now. */
const FINISH = `
  UPDATE span_chunk SET digest = $2, byte_offset = place.byte_offset, bytes = NULL
  FROM unnest($3::uuid[], $4::bigint[]) AS place (chunk_id, byte_offset) WHERE span_chunk.chunk_id = place.chunk_id AND span_chunk.segment_id = $1`;
const FORGET_DELETED = `
  DELETE FROM span_chunk USING trace
  WHERE span_chunk.segment_id = $1 AND trace.workspace = span_chunk.workspace AND trace.trace_id = span_chunk.trace_id AND trace.deleted`;

/**
 * Puts spans into segments: files in the object store for which an event vouches. Which chunks a segment has is written down first, so that whoever goes on
 * after a crash makes the same file under the same digest, and the event is appended once.
 */
@Injectable()
export class SpanSealer {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Seals what is old or much, and finishes what a crash left. */
  async sealDue(): Promise<void> {
    await this.finishPlanned();
    const due: { workspace: string; experiment_id: string }[] = await this.dataSource.query(
      `SELECT workspace, experiment_id FROM span_chunk WHERE segment_id IS NULL GROUP BY workspace, experiment_id
       HAVING sum(byte_length) >= ${SEGMENT_BYTES} OR min(received_at) <= now() - interval '${SEGMENT_AGE_SECONDS} seconds'`,
    );
    for (const { workspace, experiment_id: experimentId } of due) await this.seal({ workspace, experimentId });
  }

  /** Seals everything of an experiment that was stored before; answers how many segments that made. */
  async seal(owner: SpanOwner): Promise<number> {
    await this.finishPlanned();
    for (let sealed = 0; ; sealed += 1) {
      const segmentId = newId();
      const [, planned]: [unknown, number] = await this.dataSource.query(PLAN, [segmentId, owner.workspace, owner.experimentId]);
      if (planned === 0) return sealed;
      await this.finish(segmentId);
    }
  }

  private async finishPlanned(): Promise<void> {
    const planned: { segment_id: string }[] = await this.dataSource.query('SELECT DISTINCT segment_id FROM span_chunk WHERE segment_id IS NOT NULL AND digest IS NULL');
    for (const { segment_id } of planned) await this.finish(segment_id);
  }

  private async finish(segmentId: string): Promise<void> {
    const chunks: PlannedChunk[] = await this.dataSource.query(
      'SELECT chunk_id, workspace, experiment_id, trace_id, span_count, received_at, bytes FROM span_chunk WHERE segment_id = $1 ORDER BY chunk_id', [segmentId],
    );
    const [first] = chunks;
    const contents = chunks.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]));
    if (first === undefined || contents.length < chunks.length) return;
    const { digest, sizeBytes } = await this.objects.put(Buffer.concat(contents));
    const times = chunks.map(({ received_at }) => received_at.getTime());
    const data = {
      experimentId: first.experiment_id,
      segmentId,
      digest,
      sizeBytes: BigInt(sizeBytes),
      spanCount: BigInt(chunks.reduce((sum, { span_count }) => sum + span_count, 0)),
      chunkCount: BigInt(chunks.length),
      traceCount: BigInt(new Set(chunks.map(({ trace_id }) => trace_id)).size),
      firstTime: new Date(times.reduce((least, time) => Math.min(least, time), Infinity)).toISOString(),
      lastTime: new Date(times.reduce((most, time) => Math.max(most, time), -Infinity)).toISOString(),
    };
    const meta: CommandMeta = {
      commandId: segmentId, now: this.clock.now(), actor: { principal: SEALER }, workspace: first.workspace, correlationId: segmentId,
    };
    await this.commands.handle(spanLog, { type: 'SealSpanSegment', data, meta }, { id: first.experiment_id });
    let offset = 0;
    const offsets = contents.map(({ length }) => String((offset += length) - length));
    await this.dataSource.transaction(async (manager) => {
      await manager.query(FINISH, [segmentId, digest, chunks.map(({ chunk_id }) => chunk_id), offsets]);
      await manager.query(FORGET_DELETED, [segmentId]);
      await manager.query('INSERT INTO span_segment_index (segment_id) VALUES ($1) ON CONFLICT DO NOTHING', [segmentId]);
    });
  }
}
