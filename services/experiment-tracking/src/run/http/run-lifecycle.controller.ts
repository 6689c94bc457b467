import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, HttpCode, Inject, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { RunCommand } from '../domain/commands.js';
import { run } from '../domain/decider.js';
import { RunListQuery } from '../views/run-list/run-list.query.js';
import { demandActive } from './demand-active.js';
import { convertRunId, streamIdOfRun } from './run-id.js';

/** MLflow REST: deleting and restoring runs, and their tags. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/runs'))
export class RunLifecycleController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
  ) {}

  @Post('delete')
  @HttpCode(200)
  delete(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    return this.handle(new Fields(body), { type: 'DeleteRun', data: {}, meta });
  }

  @Post('restore')
  @HttpCode(200)
  restore(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    return this.handle(new Fields(body), { type: 'RestoreRun', data: {}, meta });
  }

  @Post('delete-tag')
  @HttpCode(200)
  deleteTag(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    return this.handle(fields, { type: 'RemoveRunTag', data: { key: fields.text('key') }, meta });
  }

  private async handle(fields: Fields, command: RunCommand): Promise<object> {
    const wireId = fields.text('run_id', 'run_uuid');
    const runId = convertRunId(wireId);
    const found = runId === undefined ? null : await this.runs.findRun(command.meta.workspace, runId);
    if (found === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${wireId} not found`);
    demandActive({ ...found, deleted: false });
    await this.commands.handle(run, command, { id: streamIdOfRun(found.runId) });
    return {};
  }
}
