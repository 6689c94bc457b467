import { Body, Controller, Get, HttpCode, Inject, Post, type Type } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsOptional, Matches } from 'class-validator';
import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { positionAt, ProjectionRunner, type RebuildReport } from '@cairn/read-model';
import { EVENT_STORE } from '../wiring/injection-tokens.js';
import { convertDigests, convertReplay } from './convert.js';
import { eventTime } from './event-time.js';

export class RebuildDto {
  /** Put the rebuilt tables in place of the live ones. */
  @IsOptional()
  @IsBoolean()
  swap: boolean = false;
}

export class ReplayDto {
  /** Last position to be replayed. By default all that the live tables show, and then the two are compared. */
  @IsOptional()
  @Matches(/^\d{1,18}$/)
  to?: string;

  /** RFC 3339, instead of a position: everything that is not later. */
  @IsOptional()
  @Matches(/^\d{4}-/)
  to_time?: string;
}

/** The read model of a service, made again from the log. The prefix of the routes is the service's, hence a class per service. */
export function rebuildController(prefix: string): Type {
  @ApiTags('admin')
  @Controller(`${prefix}/v1/admin`)
  class RebuildController {
    constructor(
      @Inject(ProjectionRunner) private readonly runner: ProjectionRunner,
      @Inject(EVENT_STORE) private readonly store: EventStore,
    ) {}

    /** Replays the log into empty tables and compares them with the live ones. */
    @Post('rebuild')
    @HttpCode(200)
    async rebuild(@Body() body: RebuildDto) {
      return convertReport(await this.runner.rebuild({ swap: body.swap }));
    }

    /** Replays the log up to a moment into tables beside the live ones; answers digests, and every difference where the live ones show that moment. */
    @Post('replay')
    @HttpCode(200)
    async replay(@Body() body: ReplayDto) {
      return convertReplay(await this.runner.replay({ to: await this.positionOf(body) }));
    }

    /** Digests of the live tables, all of one moment. */
    @Get('digests')
    async digests() {
      return convertDigests(await this.runner.digest());
    }

    private async positionOf({ to, to_time }: ReplayDto): Promise<bigint | undefined> {
      if (to !== undefined && to_time !== undefined) throw new DomainError('ONE_MOMENT', 'Ask for a position or for a time, not both.', 'invalid');
      if (to_time === undefined) return to === undefined ? undefined : BigInt(to);
      const position = await positionAt(this.store, eventTime(to_time));
      if (position === undefined) throw new DomainError('BEFORE_THE_LOG', 'Every event is later than this time. Ask for a later one.', 'unmet');
      return position;
    }
  }
  return RebuildController;
}

function convertReport({ identical, position, tables }: RebuildReport) {
  return {
    identical,
    position,
    tables: tables.map(({ table, rowsLive, rowsRebuilt, differing }) => ({ table, rows_live: rowsLive, rows_rebuilt: rowsRebuilt, differing })),
  };
}
