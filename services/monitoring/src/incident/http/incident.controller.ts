import { DomainError, type CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IncidentListQuery } from '../views/incident-list/incident-list.query.js';
import { convertIncident, type IncidentResponse } from './convert.js';
import { ListIncidentsDto } from './list-incidents.dto.js';

const DEFAULT_PAGE = 50;

@ApiTags('incidents')
@Controller('monitoring/v1/incidents')
export class IncidentController {
  constructor(@Inject(IncidentListQuery) private readonly incidents: IncidentListQuery) {}

  @Get()
  async list(@Query() query: ListIncidentsDto, @Meta() meta: CommandMeta): Promise<{ items: IncidentResponse[]; next_page_token?: string }> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.incidents.list(meta.workspace, limit, query.page_token);
    const page = rows.slice(0, limit);
    const next = rows.length > limit ? page.at(-1)?.openedPosition : undefined;
    return { items: page.map(convertIncident), ...(next !== undefined && { next_page_token: next }) };
  }

  @Get(':incident_id')
  async find(@Param('incident_id', ParseUUIDPipe) incidentId: string, @Meta() meta: CommandMeta): Promise<IncidentResponse> {
    const row = await this.incidents.find(meta.workspace, incidentId);
    if (row === null) throw new DomainError('INCIDENT_NOT_FOUND', 'No incident has this id.', 'missing');
    return convertIncident(row);
  }
}
