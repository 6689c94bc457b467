import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { experiment } from '../domain/decider.js';
import { CriteriaHistoryQuery } from '../views/criteria-history/criteria-history.query.js';
import { ExperimentListQuery } from '../views/experiment-list/experiment-list.query.js';
import { convertExperimentId } from './convert.js';
import { convertCriteria, convertCriterion } from './convert-criteria.js';
import { DeclareCriteriaDto } from './declare-criteria.dto.js';
import { NamedBaselines } from './named-baselines.js';

type CriteriaJson = ReturnType<typeof convertCriteria>;

@ApiTags('criteria')
@Controller('tracking/v1/experiments/:experimentId/criteria')
export class CriteriaController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ExperimentListQuery) private readonly experiments: ExperimentListQuery,
    @Inject(CriteriaHistoryQuery) private readonly history: CriteriaHistoryQuery,
    @Inject(NamedBaselines) private readonly baselines: NamedBaselines,
  ) {}

  /** Answers the version in force, which is a new one unless the same criteria were in force already. */
  @ApiOperation({
    summary: 'Declare success criteria: at most 20',
    description:
      'Runs are judged by the version in force when they start. The first run locks it: what is declared later is a new version, marked `after_first_run`. ' +
      'Plain MLflow clients set the same list as the experiment tag `cairn.criteria`.',
  })
  @Post()
  async declare(@Param('experimentId') wireId: string, @Body() body: DeclareCriteriaDto, @Meta() meta: CommandMeta): Promise<CriteriaJson> {
    const experimentId = await this.require(wireId, meta);
    const data = { criteria: await this.baselines.resolve(body.criteria.map(convertCriterion), { experimentId, workspace: meta.workspace }) };
    const { state } = await this.commands.handle(experiment, { type: 'DeclareCriteria', data, meta }, { id: experimentId });
    const row = state.status === 'none' ? null : await this.history.find(experimentId, state.criteriaVersion);
    if (row === null) throw new DomainError('CRITERIA_NOT_FOUND', 'The criteria are recorded, but not shown yet.', 'busy');
    return convertCriteria(row);
  }

  /** Newest first: the first is in force. */
  @ApiOperation({ summary: 'Every version that was ever declared, with the baselines as they were found' })
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
