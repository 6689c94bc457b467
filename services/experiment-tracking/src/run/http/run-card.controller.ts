import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { run } from '../domain/decider.js';
import { RunListQuery } from '../views/run-list/run-list.query.js';
import { convertParamDto, convertRunCard } from './convert.js';
import { LogParamsDto } from './log-params.dto.js';
import { convertRunId, streamIdOfRun } from './run-id.js';

type RunCard = ReturnType<typeof convertRunCard>;

@ApiTags('runs')
@Controller('tracking/v1/runs/:runId')
export class RunCardController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
  ) {}

  @Get()
  find(@Param('runId') wireId: string, @Meta() meta: CommandMeta): Promise<RunCard> {
    return this.require(wireId, meta);
  }

  /** Parameters with where each value came from: chosen by the caller, or the default of a library at a version. */
  @Post('params')
  @HttpCode(200)
  async logParams(@Param('runId') wireId: string, @Body() body: LogParamsDto, @Meta() meta: CommandMeta): Promise<RunCard> {
    const { run_id } = await this.require(wireId, meta);
    const data = { params: body.params.map(convertParamDto), metrics: [], tags: [] };
    await this.commands.handle(run, { type: 'LogBatch', data, meta }, { id: streamIdOfRun(run_id) });
    return this.require(run_id, meta);
  }

  private async require(wireId: string, { workspace }: CommandMeta): Promise<RunCard> {
    const runId = convertRunId(wireId);
    const found = runId === undefined ? undefined : await this.runs.find(workspace, runId);
    if (found === undefined) throw new DomainError('RUN_NOT_FOUND', `No run has the id ${wireId}.`, 'missing');
    return convertRunCard(found);
  }
}
