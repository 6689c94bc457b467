import type { CommandMeta } from '@cairn/kernel';
import { DomainError } from '@cairn/kernel';
import { keyOfToken, Meta, PageDto, pageOf, type Page } from '@cairn/service';
import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertExperimentId } from '../../experiment/http/convert.js';
import { SpanSealer } from '../store/span-sealer.js';
import { SegmentListQuery } from '../views/segment-list/segment-list.query.js';
import type { SpanSegmentRow } from '../views/segment-list/segment.entity.js';

const POSITION = /^\d{1,18}$/;

@ApiTags('spans')
@Controller('tracking/v1/experiments/:experimentId/span-segments')
export class SpanSegmentsController {
  constructor(
    @Inject(SpanSealer) private readonly sealer: SpanSealer,
    @Inject(SegmentListQuery) private readonly segments: SegmentListQuery,
  ) {}

  /** Oldest first: digest and counts of every file. */
  @Get()
  async list(@Param('experimentId') wireId: string, @Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<ReturnType<typeof convertSegment>>> {
    const after = keyOfToken(page_token);
    if (after !== undefined && !POSITION.test(after)) throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
    const rows = await this.segments.list(meta.workspace, experimentIdOf(wireId, meta), limit, after);
    return pageOf(rows, limit, convertSegment, (row) => row.position);
  }

  /** Seals the spans that came so far, and says how many segments that made. */
  @Post()
  @HttpCode(200)
  async seal(@Param('experimentId') wireId: string, @Meta() meta: CommandMeta): Promise<{ sealed: number }> {
    return { sealed: await this.sealer.seal({ workspace: meta.workspace, experimentId: experimentIdOf(wireId, meta) }) };
  }
}

function experimentIdOf(wireId: string, { workspace }: CommandMeta): string {
  const experimentId = convertExperimentId(wireId, workspace);
  if (experimentId === undefined) throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the id ${wireId}.`, 'missing');
  return experimentId;
}

function convertSegment(row: SpanSegmentRow) {
  return {
    segment_id: row.segmentId,
    position: row.position,
    digest: row.digest,
    size_bytes: Number(row.sizeBytes),
    span_count: Number(row.spanCount),
    trace_count: Number(row.traceCount),
    first_time: row.firstTime,
    last_time: row.lastTime,
    sealed_at: row.sealedAt,
  };
}
