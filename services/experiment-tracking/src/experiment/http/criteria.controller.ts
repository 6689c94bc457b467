import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { experiment } from '../domain/decider.js';
import { CriteriaHistoryQuery } from '../views/criteria-history/criteria-history.query.js';
import { ExperimentListQuery } from '../views/experiment-list/experiment-list.query.js';
import { convertCriteria, convertCriterion, convertExperimentId } from './convert.js';
import { DeclareCriteriaDto } from './declare-criteria.dto.js';

type CriteriaJson = ReturnType<typeof convertCriteria>;

@ApiTags('criteria')
@Controller('tracking/v1/experiments/:experimentId/criteria')
export class CriteriaController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ExperimentListQuery) private readonly experiments: ExperimentListQuery,
    @Inject(CriteriaHistoryQuery) private readonly history: CriteriaHistoryQuery,
  ) {}

  /** Answers the version in force, which is a new one unless the same criteria were in force already. */
  @Post()
  async declare(@Param('experimentId') wireId: string, @Body() body: DeclareCriteriaDto, @Meta() meta: CommandMeta): Promise<CriteriaJson> {
    const experimentId = await this.require(wireId, meta);
    const data = { criteria: body.criteria.map(convertCriterion) };
    const { state } = await this.commands.handle(experiment, { type: 'DeclareCriteria', data, meta }, { id: experimentId });
    const row = state.status === 'none' ? null : await this.history.find(experimentId, state.criteriaVersion);
    if (row === null) throw new DomainError('CRITERIA_NOT_FOUND', 'The criteria are recorded, but not shown yet.', 'busy');
    return convertCriteria(row);
  }

  /** Newest first: the first is in force. */
  @Get()
  async list(@Param('experimentId') wireId: string, @Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<CriteriaJson>> {
    const experimentId = await this.require(wireId, meta);
    const before = keyOfToken(page_token);
    if (before !== undefined && !/^\d{1,9}$/.test(before)) throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
    const rows = await this.history.list(experimentId, limit + 1, before === undefined ? undefined : Number(before));
    return pageOf(rows, limit, convertCriteria, ({ version }) => String(version));
  }

  private async require(wireId: string, { workspace }: CommandMeta): Promise<string> {
    const experimentId = convertExperimentId(wireId, workspace);
    const row = experimentId === undefined ? null : await this.experiments.find(workspace, experimentId);
    if (row === null) throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the id ${wireId}.`, 'missing');
    return row.experimentId;
  }
}
