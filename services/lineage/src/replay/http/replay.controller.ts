import type { EventStore } from '@cairn/event-store';
import { EVENT_STORE, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { parseReplayFilter, type ReplayFilter } from '../stream/replay-filter.js';
import { firstBound, lastBound } from '../stream/replay-bounds.js';
import { replayRange } from '../stream/replay-range.js';
import { ReplayStreams } from '../stream/replay-streams.js';
import { ReplayStreamDto } from './replay.dto.js';

const EVERYTHING: ReplayFilter = { types: [], streams: [] };

@ApiTags('replay')
@Controller('lineage/v1/replay')
export class ReplayController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(ReplayStreams) private readonly streams: ReplayStreams,
  ) {}

  /**
   * What happened between two positions or times, as server-sent events: `id` is the position, `event` the type, `data` the exact text of the event. Resumes
   * after `Last-Event-ID`; 204 when nothing is left, which tells an EventSource not to come again.
   */
  @Get()
  @ApiProduces('text/event-stream')
  async replay(@Query() { from, to, speed, filter }: ReplayStreamDto, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const lastEventId = request.headers['last-event-id'];
    const wanted = filter === undefined ? EVERYTHING : parseReplayFilter(filter);
    const bounds = { from: await firstBound(this.store, from), to: await lastBound(this.store, to) };
    // The size comes last: what a time led to is below it.
    const range = replayRange({ ...bounds, lastEventId: Array.isArray(lastEventId) ? lastEventId.join() : lastEventId }, await this.store.size());
    if (range === undefined) {
      await reply.code(204).send();
      return;
    }
    this.streams.demandRoom();
    const headers = Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));
    reply.hijack();
    this.streams.start(reply.raw, { range, filter: wanted, speed: Number(speed) }, headers);
  }
}
