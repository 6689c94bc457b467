import { Body, Controller, HttpCode, Inject, Post, type Type } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { ProjectionRunner, type RebuildReport } from '@cairn/read-model';

export class RebuildDto {
  /** Put the rebuilt tables in place of the live ones. */
  @IsOptional()
  @IsBoolean()
  swap: boolean = false;
}

/** `POST /<prefix>/v1/admin/rebuild` replays the log into empty tables and compares. The prefix is the service's, hence a class per service. */
export function rebuildController(prefix: string): Type {
  @ApiTags('admin')
  @Controller(`${prefix}/v1/admin`)
  class RebuildController {
    constructor(@Inject(ProjectionRunner) private readonly runner: ProjectionRunner) {}

    @Post('rebuild')
    @HttpCode(200)
    async rebuild(@Body() body: RebuildDto) {
      return convertReport(await this.runner.rebuild({ swap: body.swap }));
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
