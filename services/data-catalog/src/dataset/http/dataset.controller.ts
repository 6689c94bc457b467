import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { dataset } from '../domain/decider.js';
import { DatasetListQuery } from '../views/dataset-list/dataset-list.query.js';
import type { DatasetRow } from '../views/dataset-list/dataset.entity.js';
import { RegisterDatasetDto } from './register-dataset.dto.js';

interface DatasetResponse {
  readonly dataset_id: string;
  readonly name: string;
  readonly description: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly last_version: number;
}

@ApiTags('datasets')
@Controller('catalog/v1/datasets')
export class DatasetController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(DatasetListQuery) private readonly datasets: DatasetListQuery,
  ) {}

  /** A name is unique in its workspace: it decides the stream. */
  @Post()
  async register(@Body() body: RegisterDatasetDto, @Meta() meta: CommandMeta): Promise<DatasetResponse> {
    const datasetId = derivedId('dataset', meta.workspace, body.name);
    const data = { datasetId, name: body.name, description: body.description ?? '', owner: body.owner ?? meta.actor.principal, tags: body.tags ?? [] };
    await this.commands.handle(dataset, { type: 'RegisterDataset', data, meta }, { id: datasetId });
    return this.find(body.name, meta);
  }

  @Get()
  async list(@Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<DatasetResponse>> {
    const rows = await this.datasets.list(meta.workspace, limit, keyOfToken(page_token));
    return pageOf(rows, limit, convertDataset, (row) => row.name);
  }

  @Get(':name')
  async find(@Param('name') name: string, @Meta() meta: CommandMeta): Promise<DatasetResponse> {
    const row = await this.datasets.find(meta.workspace, name);
    if (row === null) throw new DomainError('DATASET_NOT_FOUND', `No dataset is named ${name}.`, 'missing');
    return convertDataset(row);
  }
}

function convertDataset(row: DatasetRow): DatasetResponse {
  return {
    dataset_id: row.datasetId,
    name: row.name,
    description: row.description,
    owner: row.owner,
    tags: JSON.parse(row.tags) as string[],
    last_version: row.lastVersion,
  };
}
