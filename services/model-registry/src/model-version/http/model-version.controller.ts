import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { keyOfToken, Meta, OBJECT_STORE, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ModelListQuery } from '../../registered-model/views/model-list/model-list.query.js';
import type { ModelRow } from '../../registered-model/views/model-list/model.entity.js';
import { registeredModel } from '../../registered-model/domain/decider.js';
import { modelVersion } from '../domain/decider.js';
import { VersionListQuery } from '../views/version-list/version-list.query.js';
import type { VersionRow } from '../views/version-list/version.entity.js';
import { convertEvaluation, convertNewVersion, convertVersion, convertVersionCard } from './convert.js';
import { CreateVersionDto } from './create-version.dto.js';
import { CreateVersionHandler } from './create-version.handler.js';
import { GatesFilter } from './gates-not-passed.js';
import { GatesHandler } from './gates.handler.js';
import { MeasureVersionDto } from './measure-version.dto.js';
import { ApproveVersionDto, convertTarget, TargetDto } from './target.dto.js';

type VersionJson = ReturnType<typeof convertVersion>;
type VersionCard = ReturnType<typeof convertVersionCard>;
type EvaluationJson = ReturnType<typeof convertEvaluation>;

/** Older evaluations stay in the log. */
const SHOWN_EVALUATIONS = 50;
const SHOWN_DELETED = 1_000;

@ApiTags('versions')
@UseFilters(GatesFilter)
@Controller('registry/v1')
export class ModelVersionController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(CreateVersionHandler) private readonly creation: CreateVersionHandler,
    @Inject(GatesHandler) private readonly gates: GatesHandler,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  @Post('models/:name/versions')
  async create(@Param('name') name: string, @Body() body: CreateVersionDto, @Meta() meta: CommandMeta): Promise<VersionCard> {
    const model = await this.requireModel(name, meta);
    for (const digest of [body.digest, body.golden_digest]) await this.refuseUnstored(digest);
    const versionId = await this.creation.create(model, convertNewVersion(body), meta);
    return this.card(await this.requireVersion(versionId, meta));
  }

  /** Newest first. */
  @Get('models/:name/versions')
  async list(@Param('name') name: string, @Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<VersionJson>> {
    const { modelId } = await this.requireModel(name, meta);
    const below = keyOfToken(page_token);
    if (below !== undefined && !/^\d{1,9}$/.test(below)) throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
    const rows = await this.versions.listOf(modelId, limit + 1, below === undefined ? undefined : Number(below));
    return pageOf(rows, limit, convertVersion, ({ version }) => String(version));
  }

  @Get('versions/:versionId')
  async find(@Param('versionId', ParseUUIDPipe) versionId: string, @Meta() meta: CommandMeta): Promise<VersionCard> {
    return this.card(await this.requireVersion(versionId, meta));
  }

  @Post('versions/:versionId/evaluate')
  @HttpCode(200)
  async evaluate(@Param('versionId', ParseUUIDPipe) versionId: string, @Body() target: TargetDto, @Meta() meta: CommandMeta): Promise<EvaluationJson> {
    return convertEvaluation(await this.gates.evaluate(await this.requireVersion(versionId, meta), convertTarget(target), meta));
  }

  @Post('versions/:versionId/approve')
  @HttpCode(200)
  async approve(@Param('versionId', ParseUUIDPipe) versionId: string, @Body() approval: ApproveVersionDto, @Meta() meta: CommandMeta): Promise<VersionCard> {
    const version = await this.requireVersion(versionId, meta);
    await this.gates.approve(version, convertTarget(approval), approval.comment, meta);
    return this.card(version);
  }

  @Post('versions/:versionId/promote')
  @HttpCode(200)
  async promote(@Param('versionId', ParseUUIDPipe) versionId: string, @Body() target: TargetDto, @Meta() meta: CommandMeta): Promise<EvaluationJson> {
    return convertEvaluation(await this.gates.promote(await this.requireVersion(versionId, meta), convertTarget(target), meta));
  }

  /** Latency as somebody measured it; the last measurement counts. */
  @Post('versions/:versionId/measurements')
  @HttpCode(200)
  async measure(@Param('versionId', ParseUUIDPipe) versionId: string, @Body() body: MeasureVersionDto, @Meta() meta: CommandMeta): Promise<VersionCard> {
    await this.requireVersion(versionId, meta);
    const { p50_latency_ms, p99_latency_ms, requests, conditions } = body;
    const data = { p50LatencyMs: p50_latency_ms, p99LatencyMs: p99_latency_ms, requests: BigInt(requests), conditions };
    await this.commands.handle(modelVersion, { type: 'MeasureVersion', data, meta }, { id: versionId });
    return this.card(await this.requireVersion(versionId, meta));
  }

  /** Of one model, newest first: what a restore brings back. */
  @Get('models/:name/deleted-versions')
  async listDeleted(@Param('name') name: string, @Meta() meta: CommandMeta): Promise<{ readonly items: readonly VersionJson[] }> {
    const { modelId } = await this.requireModel(name, meta);
    return { items: (await this.versions.listDeleted(modelId, SHOWN_DELETED)).map(convertVersion) };
  }

  /** In stage `None` and without aliases: the gates are asked again for each. */
  @Post('versions/:versionId/restore')
  @HttpCode(200)
  async restore(@Param('versionId', ParseUUIDPipe) versionId: string, @Meta() meta: CommandMeta): Promise<VersionCard> {
    const row = await this.versions.findAny(meta.workspace, versionId);
    if (row === null) throw notFound(versionId);
    await this.commands.handle(registeredModel, { type: 'RestoreVersion', data: { versionId }, meta }, { id: row.modelId });
    return this.card(await this.requireVersion(versionId, meta));
  }

  private async card(version: VersionRow): Promise<VersionCard> {
    const [aliases, approvals, evaluations] = await Promise.all([
      this.models.aliases([version.modelId]),
      this.versions.approvals(version.versionId),
      this.versions.evaluations(version.versionId, SHOWN_EVALUATIONS),
    ]);
    return convertVersionCard(version, aliases, approvals, evaluations);
  }

  /** A version of bytes that nobody has could never be served. */
  private async refuseUnstored(digest: string): Promise<void> {
    if (digest === '' || (await this.objects.has(digest as Digest))) return;
    throw new DomainError('CONTENT_NOT_STORED', `The object store holds nothing with the digest ${digest}. Upload it as an artifact first.`, 'unmet');
  }

  private async requireModel(name: string, { workspace }: CommandMeta): Promise<ModelRow> {
    const row = await this.models.find(workspace, name);
    if (row === null) throw new DomainError('MODEL_NOT_FOUND', `No registered model is named ${name}.`, 'missing');
    return row;
  }

  private async requireVersion(versionId: string, { workspace }: CommandMeta): Promise<VersionRow> {
    const row = await this.versions.find(workspace, versionId);
    if (row === null) throw notFound(versionId);
    return row;
  }
}

function notFound(versionId: string): DomainError {
  return new DomainError('VERSION_NOT_FOUND', `No model version has the id ${versionId}.`, 'missing');
}
