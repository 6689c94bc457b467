import type { EventStore } from '@cairn/event-store';
import { DomainError, streamName, type CommandMeta } from '@cairn/kernel';
import { toRecorded } from '@cairn/read-model';
import { EVENT_STORE, Meta } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DigestRecorder, readModelId } from '../digests/digest-recorder.js';
import { digestedServices } from '../digests/digest-source.js';
import { readModel } from '../domain/decider.js';
import type { ReadModelEvent } from '../domain/state.js';
import { convertDigest, convertRound, type DigestResponse } from './convert.js';
import { DigestsDto, RecordDigestsDto } from './digest.dto.js';

@ApiTags('replay')
@Controller('lineage/v1/read-model-digests')
export class DigestController {
  constructor(
    @Inject(DigestRecorder) private readonly recorder: DigestRecorder,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  /** Records in the log what the tables of services are now, so that whoever replays the log up to there can compare. */
  @Post()
  @HttpCode(200)
  async record(@Body() body: RecordDigestsDto, @Meta() meta: CommandMeta): Promise<object> {
    const round = await this.recorder.record([...new Set(body.services ?? digestedServices)], meta);
    if (round.recorded.length === 0 && round.unreachable.length > 0) {
      throw new DomainError('SERVICES_UNREACHABLE', `${round.unreachable.map(({ detail }) => detail).join(' ')} Nothing was recorded.`, 'busy');
    }
    return convertRound(round);
  }

  /** What was recorded of a service, the newest first. */
  @Get()
  async list(@Query() { service, limit }: DigestsDto): Promise<{ items: readonly DigestResponse[] }> {
    const stored = await this.store.readStream(streamName(readModel.category, readModelId(service)), { direction: 'backwards', limit });
    const recorded = stored.map((event) => toRecorded<ReadModelEvent>(event));
    return { items: recorded.map(({ event, position }) => convertDigest({ ...event.data, eventPosition: position })) };
  }
}
