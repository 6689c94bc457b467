import type { EventStore } from '@cairn/event-store';
import { EVENT_STORE, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { parseReplayFilter, type ReplayFilter } from '../stream/replay-filter.js';
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
   * What happened, as server-sent events: `id` is the position, `event` the type, `data` the exact text of the event. Resumes after `Last-Event-ID`; 204
   * when nothing is left, which tells an EventSource not to come again.
   */
  @Get()
  @ApiProduces('text/event-stream')
  async replay(@Query() { from, to, speed, filter }: ReplayStreamDto, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const lastEventId = request.headers['last-event-id'];
    const wanted = filter === undefined ? EVERYTHING : parseReplayFilter(filter);
    const range = replayRange({ from, to, lastEventId: Array.isArray(lastEventId) ? lastEventId.join() : lastEventId }, await this.store.size());
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
