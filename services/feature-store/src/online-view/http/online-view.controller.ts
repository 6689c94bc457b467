import type { CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { MaterialiseView } from '../build/materialise-view.js';
import { convertOnlineView } from './convert.js';
import { MaterialiseDto, OnlineViewDto } from './materialise.dto.js';

@ApiTags('online features')
@Controller('features/v1/feature-views/:name')
export class OnlineViewController {
  constructor(@Inject(MaterialiseView) private readonly views: MaterialiseView) {}

  /** Values for every entity as they were known just before a moment; they are what is answered online when this answers. */
  @Post('materialize')
  @HttpCode(200)
  async materialise(@Param('name') name: string, @Body() body: MaterialiseDto, @Meta() meta: CommandMeta) {
    const { version, until, dataset_version_ids: datasetVersionIds } = body;
    return convertOnlineView(await this.views.materialise(name, { version, until, datasetVersionIds }, meta));
  }

  @Get('online')
  async find(@Param('name') name: string, @Query() { version }: OnlineViewDto, @Meta() meta: CommandMeta) {
    return convertOnlineView(await this.views.find(name, version, meta));
  }
}
