import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import { Meta, type FastifyRequest } from '@cairn/service';
import { Body, Controller, Delete, Get, Inject, Param, Put, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { deployment } from '../../deployment/domain/decider.js';
import type { FeatureLookUp } from '../../deployment/domain/feature-look-up.js';
import { InForce } from '../../deployment/http/in-force.js';
import { DeploymentListQuery } from '../../deployment/views/deployment-list/deployment-list.query.js';
import { convertLookUp, type FeatureLookUpResponse } from './convert.js';
import { FeatureLookUpDto } from './feature-look-up.dto.js';
import { FeatureServices } from './feature-services.js';

@ApiTags('deployments')
@Controller('serving/v1/deployments/:name/features')
export class FeatureLookUpController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(FeatureServices) private readonly services: FeatureServices,
    @Inject(DeploymentListQuery) private readonly deployments: DeploymentListQuery,
    @Inject(InForce) private readonly inForce: InForce,
  ) {}

  /** From now on requests may name entities; in force when this answers. The version of the service is kept until this is asked for again. */
  @Put()
  async configure(@Param('name') name: string, @Body() body: FeatureLookUpDto, @Meta() meta: CommandMeta, @Req() request: FastifyRequest): Promise<FeatureLookUpResponse> {
    const lookUp = await this.services.find(body.feature_service, body.version, request);
    await this.handle(name, lookUp, body.defaults, meta);
    return this.find(name, meta);
  }

  @Get()
  async find(@Param('name') name: string, @Meta() { workspace }: CommandMeta): Promise<FeatureLookUpResponse> {
    const row = await this.deployments.find(workspace, name);
    if (row === null) throw new DomainError('DEPLOYMENT_NOT_FOUND', `No deployment is named ${name}.`, 'missing');
    if (row.featureLookUp === null) throw new DomainError('NOTHING_LOOKED_UP', `Requests to ${name} bring their features.`, 'missing');
    return convertLookUp(row.featureLookUp);
  }

  /** Requests have to bring their features again. */
  @Delete()
  async remove(@Param('name') name: string, @Meta() meta: CommandMeta): Promise<void> {
    await this.handle(name, undefined, [], meta);
  }

  private async handle(name: string, lookUp: FeatureLookUp | undefined, defaults: FeatureLookUpDto['defaults'], meta: CommandMeta): Promise<void> {
    const deploymentId = derivedId('deployment', meta.workspace, name);
    const { position } = await this.commands.handle(deployment, { type: 'ConfigureFeatureLookUp', data: { deploymentId, lookUp, defaults }, meta }, { id: deploymentId });
    await this.inForce.reached(position);
  }
}
