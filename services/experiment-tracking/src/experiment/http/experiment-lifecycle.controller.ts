import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, HttpCode, Inject, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExperimentCommand } from '../domain/commands.js';
import { experiment } from '../domain/decider.js';
import { ExperimentListQuery } from '../views/experiment-list/experiment-list.query.js';
import type { ExperimentRow } from '../views/experiment-list/experiment.entity.js';
import { convertExperimentId, convertExperimentTag } from './convert.js';
import { criteriaOfTags } from './criteria-tag.js';
import { NamedBaselines } from './named-baselines.js';
import { RenameExperimentHandler } from './rename-experiment.handler.js';

/** MLflow REST: what becomes of an experiment. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/experiments'))
export class ExperimentLifecycleController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(RenameExperimentHandler) private readonly renames: RenameExperimentHandler,
    @Inject(ExperimentListQuery) private readonly experiments: ExperimentListQuery,
    @Inject(NamedBaselines) private readonly baselines: NamedBaselines,
  ) {}

  @Post('update')
  @HttpCode(200)
  async rename(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const name = fields.text('new_name');
    const { experimentId } = await this.require(fields, meta);
    await this.renames.rename(experimentId, name, meta);
    return {};
  }

  @Post('delete')
  @HttpCode(200)
  async delete(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const row = await this.require(new Fields(body), meta);
    if (row.deleted) throw notFound(row.experimentId);
    return this.handle(row, { type: 'DeleteExperiment', data: {}, meta });
  }

  @Post('restore')
  @HttpCode(200)
  async restore(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const row = await this.require(new Fields(body), meta);
    if (!row.deleted) throw notFound(row.experimentId);
    return this.handle(row, { type: 'RestoreExperiment', data: {}, meta });
  }

  @Post('set-experiment-tag')
  @HttpCode(200)
  async setTag(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const tags = [convertExperimentTag(fields)];
    const row = await this.require(fields, meta);
    const asked = criteriaOfTags(tags);
    const criteria = asked === undefined ? undefined : await this.baselines.resolve(asked, row);
    return this.handle(row, { type: 'SetExperimentTags', data: { tags, criteria }, meta });
  }

  @Post('delete-experiment-tag')
  @HttpCode(200)
  async deleteTag(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const key = fields.text('key');
    return this.handle(await this.require(fields, meta), { type: 'RemoveExperimentTag', data: { key }, meta });
  }

  private async handle({ experimentId }: ExperimentRow, command: ExperimentCommand): Promise<object> {
    await this.commands.handle(experiment, command, { id: experimentId });
    return {};
  }

  private async require(fields: Fields, { workspace }: CommandMeta): Promise<ExperimentRow> {
    const wireId = fields.text('experiment_id');
    const experimentId = convertExperimentId(wireId, workspace);
    const row = experimentId === undefined ? null : await this.experiments.find(workspace, experimentId);
    if (row === null) throw notFound(wireId);
    return row;
  }
}

function notFound(wireId: string): MlflowError {
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${wireId} exists`);
}
