import { DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, PageDto, pageOf, type Page } from '@cairn/service';
import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IncidentListQuery } from '../views/incident-list/incident-list.query.js';
import { convertIncident, type IncidentResponse } from './convert.js';

@ApiTags('incidents')
@Controller('monitoring/v1/incidents')
export class IncidentController {
  constructor(@Inject(IncidentListQuery) private readonly incidents: IncidentListQuery) {}

  @Get()
  async list(@Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<IncidentResponse>> {
    const rows = await this.incidents.list(meta.workspace, limit, keyOfToken(page_token));
    return pageOf(rows, limit, convertIncident, (row) => row.openedPosition);
  }

  @Get(':incident_id')
  async find(@Param('incident_id', ParseUUIDPipe) incidentId: string, @Meta() meta: CommandMeta): Promise<IncidentResponse> {
    const row = await this.incidents.find(meta.workspace, incidentId);
    if (row === null) throw new DomainError('INCIDENT_NOT_FOUND', 'No incident has this id.', 'missing');
    return convertIncident(row);
  }
}
