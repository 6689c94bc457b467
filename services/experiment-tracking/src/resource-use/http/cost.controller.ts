import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { convertRunId, streamIdOfRun } from '../../run/http/run-id.js';
import { RunListQuery } from '../../run/views/run-list/run-list.query.js';
import type { RunRow } from '../../run/views/run-list/run.entity.js';
import { resourceUse } from '../domain/decider.js';
import { AskCostsDto } from './ask-costs.dto.js';
import { convertFigureDto, costJson } from './convert.js';
import { ReportResourcesDto } from './report-resources.dto.js';
import { RunCosts } from './run-costs.js';

type CostJson = ReturnType<typeof costJson> & { readonly run_id: string; readonly wall_time_seconds: number; readonly is_final: boolean };

@ApiTags('cost')
@Controller('tracking/v1/runs')
export class CostController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
    @Inject(RunCosts) private readonly costs: RunCosts,
  ) {}

  @ApiOperation({
    summary: 'Report what a run has used so far',
    description: 'Totals, each measured or estimated, with its method. A later total of the same resource (and model of a GPU) replaces the earlier one; nothing is added up.',
  })
  @Post(':runId/resources')
  @HttpCode(200)
  async report(@Param('runId') wireId: string, @Body() body: ReportResourcesDto, @Meta() meta: CommandMeta): Promise<CostJson> {
    const run = await this.require(wireId, meta);
    if (run.deleted || run.experimentDeleted) throw new DomainError('RUN_DELETED', `The run ${run.runId} was deleted: restore it first.`, 'conflict');
    const data = { runId: run.runId, figures: body.figures.map(convertFigureDto) };
    await this.commands.handle(resourceUse, { type: 'ReportResources', data, meta }, { id: streamIdOfRun(run.runId) });
    return this.costOf(run, meta);
  }

  @ApiOperation({
    summary: 'What a run cost, in money, GPU hours, kWh and grams of CO2 equivalent',
    description:
      'Each figure is labelled measured, estimated or default, and a total as its weakest part. Prices and factors are those in force when the run ended; of one that ' +
      'still runs, those of now, and the answer is not final. Money is a decimal text, rounded half up to a millionth per line; a total is the sum of the lines, or ' +
      'null when a line has no price.',
  })
  @Get(':runId/cost')
  async cost(@Param('runId') wireId: string, @Meta() meta: CommandMeta): Promise<CostJson> {
    return this.costOf(await this.require(wireId, meta), meta);
  }

  @ApiOperation({ summary: 'What each of 1 to 100 runs cost', description: 'In the order in which they are named; a run that is not there is left out.' })
  @Get('costs')
  async ofSeveral(@Query() { run_id: wireIds }: AskCostsDto, @Meta() meta: CommandMeta): Promise<{ readonly items: readonly CostJson[] }> {
    const runs = await Promise.all([...new Set(wireIds.flatMap((wireId) => convertRunId(wireId) ?? []))].map((runId) => this.runs.findRun(meta.workspace, runId)));
    return { items: await this.costsOf(runs.filter((run) => run !== null), meta) };
  }

  private async costOf(run: RunRow, meta: CommandMeta): Promise<CostJson> {
    const [cost] = await this.costsOf([run], meta);
    if (cost === undefined) throw new DomainError('RUN_NOT_FOUND', `No run has the id ${run.runId}.`, 'missing');
    return cost;
  }

  private async costsOf(runs: readonly RunRow[], { workspace, now }: CommandMeta): Promise<CostJson[]> {
    const timed = runs.map(({ runId, status, startTimeMs, endTimeMs }) => {
      const isFinal = status !== 'RUNNING' && endTimeMs !== null;
      return { runId, startMs: Number(startTimeMs), endMs: isFinal ? Number(endTimeMs) : Date.parse(now), isFinal };
    });
    const priced = await this.costs.of(workspace, timed);
    return timed.flatMap(({ runId, startMs, endMs, isFinal }, at) => {
      const one = priced[at];
      if (one === undefined) return [];
      return [{ run_id: runId, wall_time_seconds: Math.max(0, endMs - startMs) / 1_000, is_final: isFinal, ...costJson(one.cost, one.prices) }];
    });
  }

  private async require(wireId: string, { workspace }: CommandMeta): Promise<RunRow> {
    const runId = convertRunId(wireId);
    const run = runId === undefined ? null : await this.runs.findRun(workspace, runId);
    if (run === null) throw new DomainError('RUN_NOT_FOUND', `No run has the id ${wireId}.`, 'missing');
    return run;
  }
}
