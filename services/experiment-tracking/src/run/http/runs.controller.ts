import { CommandHandler } from '@cairn/event-store';
import { derivedId, type CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, limitOf, MlflowError, MlflowFilter, mlflowRoutes, offsetOf, pageToken } from '@cairn/mlflow';
import { Meta, newIdFor } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertExperimentId, DEFAULT_EXPERIMENT } from '../../experiment/http/convert.js';
import { CreateExperimentHandler } from '../../experiment/http/create-experiment.handler.js';
import { convertViewType } from '../../mlflow/view-type.js';
import type { Tag } from '../domain/commands.js';
import { run } from '../domain/decider.js';
import { RunListQuery, type RunWithFacts } from '../views/run-list/run-list.query.js';
import { convertRun, convertRunInfo, convertRunOrder, convertStartedRun, convertTag } from './convert.js';
import { demandActive } from './demand-active.js';
import { convertRunFilter } from './run-filter.js';
import { convertRunId, streamIdOfRun } from './run-id.js';
import { nameOfRun } from './run-name.js';
import { StartRunHandler } from './start-run.handler.js';

const MAX_RESULTS = { fallback: 1_000, max: 50_000 };
const NAME_TAG = 'mlflow.runName';

/** MLflow REST: the life of a run. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/runs'))
export class RunsController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(CreateExperimentHandler) private readonly experiments: CreateExperimentHandler,
    @Inject(StartRunHandler) private readonly starter: StartRunHandler,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
  ) {}

  @Post('create')
  @HttpCode(200)
  async create(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const wireId = fields.text('experiment_id');
    const experimentId = convertExperimentId(wireId, meta.workspace);
    if (experimentId === undefined) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${wireId} exists`);
    if (wireId === DEFAULT_EXPERIMENT.wireId) await this.experiments.ensureDefault(meta);
    const runId = newIdFor(meta, 'run').replaceAll('-', '');
    const { name, tags } = nameAndTags(fields, runId);
    const startTimeMs = BigInt(fields.optionalInteger('start_time') ?? Date.parse(meta.now));
    const started = await this.starter.start({ runId, experimentId, name, startTimeMs, user: fields.optionalText('user_id') ?? '', tags }, meta);
    return { run: convertStartedRun(started) };
  }

  @Get('get')
  async get(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    return { run: convertRun(await this.require(new Fields(query).text('run_id', 'run_uuid'), meta)) };
  }

  @Post('update')
  @HttpCode(200)
  async update(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const before = (await this.require(fields.text('run_id', 'run_uuid'), meta)).run;
    demandActive(before);
    const { runId } = before;
    const id = streamIdOfRun(runId);
    const status = fields.optionalText('status') ?? '';
    if (status === 'RUNNING') {
      await this.commands.handle(run, { type: 'ResumeRun', data: {}, meta }, { id });
    } else if (status !== '') {
      const endTimeMs = BigInt(fields.optionalInteger('end_time') ?? Date.parse(meta.now));
      await this.commands.handle(run, { type: 'FinishRun', data: { status, endTimeMs }, meta }, { id });
    }
    const name = fields.optionalText('run_name') ?? '';
    if (name !== '') {
      // A second command of the same request needs a name of its own, or it would count as the first one repeated.
      const data = { params: [], metrics: [], tags: [{ key: NAME_TAG, value: name }] };
      await this.commands.handle(run, { type: 'LogBatch', data, meta: { ...meta, commandId: derivedId('rename', meta.commandId) } }, { id });
    }
    return { run_info: convertRunInfo((await this.require(runId, meta)).run) };
  }

  @Post('search')
  @HttpCode(200)
  async search(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const terms = convertRunFilter(fields.optionalText('filter'));
    const limit = limitOf(fields.optionalInteger('max_results'), MAX_RESULTS);
    const offset = offsetOf(fields.optionalText('page_token'));
    const order = convertRunOrder(fields.texts('order_by'));
    const experimentIds = fields.texts('experiment_ids').flatMap((wireId) => convertExperimentId(wireId, meta.workspace) ?? []);
    const view = convertViewType(fields.optionalText('run_view_type'));
    if (experimentIds.length === 0) return {};
    const found = await this.runs.search(meta.workspace, { view, experimentIds, terms, order, limit, offset });
    return {
      ...(found.length > 0 && { runs: found.map(convertRun) }),
      // As MLflow does: a full page may be followed by an empty last one.
      ...(found.length === limit && { next_page_token: pageToken([offset + limit]) }),
    };
  }

  private async require(wireId: string, { workspace }: CommandMeta): Promise<RunWithFacts> {
    const runId = convertRunId(wireId);
    const found = runId === undefined ? undefined : await this.runs.find(workspace, runId);
    if (found === undefined) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${wireId} not found`);
    return found;
  }
}

/** The name is a field, a tag or, without both, ours; the tag always says the same. */
function nameAndTags(fields: Fields, runId: string): { readonly name: string; readonly tags: Tag[] } {
  const tags = fields.list('tags').map(convertTag);
  const asked = fields.optionalText('run_name') ?? '';
  const tagged = tags.find(({ key }) => key === NAME_TAG)?.value ?? '';
  if (asked !== '' && tagged !== '' && asked !== tagged) {
    throw invalidParameter(`Both 'run_name' argument and '${NAME_TAG}' tag are specified, but with different values (run_name='${asked}', ${NAME_TAG}='${tagged}').`);
  }
  const name = asked || tagged || nameOfRun(runId);
  return { name, tags: [...tags.filter(({ key }) => key !== NAME_TAG), { key: NAME_TAG, value: name }] };
}
