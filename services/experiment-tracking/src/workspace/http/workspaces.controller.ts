import { CommandHandler } from '@cairn/event-store';
import { derivedId, type CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowError, MlflowFilter } from '@cairn/mlflow';
import { isWorkspaceName, Meta } from '@cairn/service';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { WorkspaceCommand } from '../domain/commands.js';
import { workspace } from '../domain/decider.js';
import { WorkspaceListQuery } from '../views/workspace-list/workspace-list.query.js';
import type { WorkspaceRow } from '../views/workspace-list/workspace.entity.js';

const DEFAULT_WORKSPACE: WorkspaceRow = { name: 'default', description: 'Where everything lies that names no workspace.' };

/** MLflow REST 3.0: workspaces. One that was never created can be used as well: it only shows in no list. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(['api/3.0/mlflow/workspaces', 'ajax-api/3.0/mlflow/workspaces'])
export class WorkspacesController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(WorkspaceListQuery) private readonly workspaces: WorkspaceListQuery,
  ) {}

  @Get()
  async list(): Promise<object> {
    return { workspaces: [DEFAULT_WORKSPACE, ...(await this.workspaces.list())].map(convert) };
  }

  @Post()
  async create(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const name = editable(fields.text('name'), 'created');
    const description = fields.optionalText('description') ?? '';
    demandNoLocation(fields);
    await this.handle(name, { type: 'CreateWorkspace', data: { name, description }, meta });
    return { workspace: convert({ name, description }) };
  }

  @Get(':name')
  async get(@Param('name') name: string): Promise<object> {
    return { workspace: convert(await this.require(name)) };
  }

  @Patch(':name')
  async describe(@Param('name') wireName: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const name = editable(wireName, 'changed');
    const fields = new Fields(body);
    const description = fields.optionalText('description');
    demandNoLocation(fields);
    if (description === undefined) throw invalidParameter('Workspace update must have at least one key: description.');
    await this.handle(name, { type: 'DescribeWorkspace', data: { description }, meta });
    return { workspace: convert({ name, description }) };
  }

  @Delete(':name')
  @HttpCode(204)
  async delete(@Param('name') wireName: string, @Query() query: unknown, @Meta() meta: CommandMeta): Promise<void> {
    const name = editable(wireName, 'deleted');
    const mode = new Fields(query).optionalText('mode') ?? 'RESTRICT';
    if (mode !== 'RESTRICT') throw invalidParameter(`The deletion mode '${mode}' is not supported: delete what the workspace '${name}' holds, then the workspace.`);
    await this.require(name);
    if (await this.workspaces.holdsExperiments(name)) {
      throw invalidParameter(`The workspace '${name}' holds experiments. Delete them first.`);
    }
    await this.handle(name, { type: 'DeleteWorkspace', data: {}, meta });
  }

  /** What happens to a workspace happens in it: its events carry its own name, wherever the request came from. */
  private async handle(name: string, command: WorkspaceCommand): Promise<void> {
    await this.commands.handle(workspace, { ...command, meta: { ...command.meta, workspace: name } }, { id: derivedId('workspace', name) });
  }

  private async require(name: string): Promise<WorkspaceRow> {
    const found = name === DEFAULT_WORKSPACE.name ? DEFAULT_WORKSPACE : await this.workspaces.find(name);
    if (found === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Workspace '${name}' not found`);
    return found;
  }
}

function editable(name: string, verb: 'created' | 'changed' | 'deleted'): string {
  if (name === DEFAULT_WORKSPACE.name) throw invalidParameter(`The 'default' workspace is reserved and cannot be ${verb}`);
  if (!isWorkspaceName(name)) throw invalidParameter(`Workspace name '${name}' must be 1 to 63 small letters, digits and, between them, dashes.`);
  return name;
}

function demandNoLocation(fields: Fields): void {
  const asked = [fields.optionalText('default_artifact_root'), fields.inner('trace_archival_config').optionalText('location')];
  if (asked.some((location) => location !== undefined && location !== '')) {
    throw invalidParameter("A location of a workspace's own is not supported: artifacts and traces go into Cairn's object store.");
  }
}

const convert = ({ name, description }: WorkspaceRow) => ({ name, description });
