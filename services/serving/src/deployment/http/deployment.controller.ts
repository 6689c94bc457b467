import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Fleet } from '../../fleet/fleet.js';
import { deployment } from '../domain/decider.js';
import { DeploymentListQuery } from '../views/deployment-list/deployment-list.query.js';
import { BatchingDto } from './batching.dto.js';
import { convertDeployment, type DeploymentResponse } from './convert.js';
import { CreateDeploymentDto } from './create-deployment.dto.js';
import { InForce } from './in-force.js';
import { LoggingDto } from './logging.dto.js';

@ApiTags('deployments')
@Controller('serving/v1/deployments')
export class DeploymentController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(DeploymentListQuery) private readonly deployments: DeploymentListQuery,
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(InForce) private readonly inForce: InForce,
  ) {}

  /** A name is unique in its workspace: it decides the stream. */
  @Post()
  async create(@Body() body: CreateDeploymentDto, @Meta() meta: CommandMeta): Promise<DeploymentResponse> {
    const deploymentId = derivedId('deployment', meta.workspace, body.name);
    const data = { deploymentId, name: body.name, modelName: body.model_name, fallbackValue: body.fallback_value, replicas: body.replicas };
    const { position } = await this.commands.handle(deployment, { type: 'CreateDeployment', data, meta }, { id: deploymentId });
    await this.inForce.reached(position);
    return this.find(body.name, meta);
  }

  @Get()
  async list(@Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<DeploymentResponse>> {
    const rows = await this.deployments.list(meta.workspace, limit, keyOfToken(page_token));
    return pageOf(rows, limit, (row) => convertDeployment(row, this.fleet.find(meta.workspace, row.name)), (row) => row.name);
  }

  @Get(':name')
  async find(@Param('name') name: string, @Meta() meta: CommandMeta): Promise<DeploymentResponse> {
    const row = await this.deployments.find(meta.workspace, name);
    if (row === null) throw new DomainError('DEPLOYMENT_NOT_FOUND', `No deployment is named ${name}.`, 'missing');
    return convertDeployment(row, this.fleet.find(meta.workspace, name));
  }

  /** How requests share runs, from now on; in force when this answers. */
  @Put(':name/batching')
  async configureBatching(@Param('name') name: string, @Body() body: BatchingDto, @Meta() meta: CommandMeta): Promise<DeploymentResponse> {
    const deploymentId = derivedId('deployment', meta.workspace, name);
    const data = { deploymentId, maxRows: body.max_rows, delayUs: body.delay_us, preferredRows: body.preferred_rows, maxQueued: body.max_queued };
    const { position } = await this.commands.handle(deployment, { type: 'ConfigureBatching', data, meta }, { id: deploymentId });
    await this.inForce.reached(position);
    return this.find(name, meta);
  }

  /** What is kept of predictions, from now on; in force here when this answers. */
  @Put(':name/logging')
  async configureLogging(@Param('name') name: string, @Body() body: LoggingDto, @Meta() meta: CommandMeta): Promise<DeploymentResponse> {
    const deploymentId = derivedId('deployment', meta.workspace, name);
    const data = { deploymentId, sampleRate: body.sample_rate, redactedColumns: body.redacted_columns, retentionDays: body.retention_days };
    const { position } = await this.commands.handle(deployment, { type: 'ConfigureLogging', data, meta }, { id: deploymentId });
    await this.inForce.reached(position);
    return this.find(name, meta);
  }
}
